/** Opens the database in the first argument and prints the error if that fails. */
import { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";

try {
  openSqlite(process.argv[2] ?? "", { now: () => 0, fateOf: () => "unknown" as const, warn: () => {} });
} catch (error) {
  console.log(String(error));
}
