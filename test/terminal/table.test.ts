import { expect, test } from "bun:test";
import { formatTable } from "../../src/terminal/table.ts";

test("columns are as wide as their widest cell, numbers are right-aligned, and no line ends in blanks", () => {
  const columns = [{ title: "NAME" }, { title: "VALUE", right: true }, { title: "TAGS" }];
  const rows = [
    ["temperature", "48.6 °C", "zone:cpu"],
    ["la", "1", ""],
  ];
  expect(formatTable(columns, rows)).toBe(
    ["NAME           VALUE  TAGS", "temperature  48.6 °C  zone:cpu", "la                 1", ""].join("\n"),
  );
});

test("a table without rows has its headings", () => {
  expect(formatTable([{ title: "A" }, { title: "B" }], [])).toBe("A  B\n");
});

test("a character outside the basic plane is one character wide", () => {
  expect(formatTable([{ title: "A" }, { title: "B" }], [["🌡x", "1"]])).toBe("A   B\n🌡x  1\n");
});

test("names with control characters neither break the table nor affect the terminal", () => {
  const rows = [["\u001b[2Jgone\nnext\u009b31m", "1"]];
  expect(formatTable([{ title: "NAME" }, { title: "COUNT" }], rows)).toBe(
    ["NAME                              COUNT", "\\u001b[2Jgone\\u000anext\\u009b31m  1", ""].join("\n"),
  );
});

test("on a terminal that is too narrow each row is a block, with a line for each cell", () => {
  const columns = [{ title: "QUEUE" }, { title: "RECORDS", right: true }, { title: "OLDEST", right: true }];
  const rows = [
    ["chouette:metrics:raw", "12", "3 s"],
    ["chouette:logs:wrapped", "0", ""],
  ];
  expect(formatTable(columns, rows, 30)).toBe(
    "chouette:metrics:raw\n    RECORDS  12\n    OLDEST   3 s\nchouette:logs:wrapped\n    RECORDS  0\n",
  );
});
