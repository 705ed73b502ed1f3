/** The adapters of the embedded storage, as one entry for a bundle: see wasm-bundle.ts. */
export { openEmbedded } from "../../src/storage/spool/open-spool.ts";
export { openSqlite } from "../../src/storage/sqlite/sqlite.ts";
