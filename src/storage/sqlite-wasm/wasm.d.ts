/** While it runs from source the path of the file; in an executable a `data:` URL of its bytes. */
declare module "*.wasm" {
  const source: string;
  export default source;
}
