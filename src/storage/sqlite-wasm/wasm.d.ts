/** The path of the file when run from source, a `data:` URL of its bytes in an executable. */
declare module "*.wasm" {
  const source: string;
  export default source;
}
