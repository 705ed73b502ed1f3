import { describe, expect, test } from "bun:test";
import { allowReading, asAgent, joinGroup } from "../../src/plugins/advice.ts";

const service = { container: false, user: "chouette", uid: 998 };
const person = { container: false, user: "pi", uid: 1000 };
const container = { container: true, user: undefined, uid: 10_001 };
const SOCKET = "/var/run/docker.sock";

describe("advice about permissions", () => {
  test("fits the service", () => {
    expect(joinGroup(service, "docker", SOCKET)).toBe(
      "sudo usermod -aG docker chouette && sudo systemctl restart chouette",
    );
    expect(allowReading(service, "/srv/app.log")).toBe("sudo setfacl -m u:chouette:r /srv/app.log");
    expect(asAgent(service, "df")).toBe("sudo -u chouette env -i df");
  });

  test("fits a person's own agent", () => {
    expect(joinGroup(person, "docker", SOCKET)).toBe("sudo usermod -aG docker pi, then log in again");
    expect(allowReading(person, "/srv/app.log")).toBe("sudo setfacl -m u:pi:r /srv/app.log");
    expect(asAgent(person, "df")).toBe("env -i df");
  });

  test("fits a container, whose user has a number and no name", () => {
    expect(joinGroup(container, "docker", SOCKET)).toBe(
      `on the host: stat -c %g ${SOCKET}   # this number into group_add: of the compose file, or docker run --group-add NUMBER`,
    );
    expect(allowReading(container, "/srv/app.log")).toContain("sudo setfacl -m u:10001:r /srv/app.log");
    expect(asAgent(container, "df")).toBe("docker exec CONTAINER env -i df");
  });
});
