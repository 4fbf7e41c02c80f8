declare module "@chatui/core/dist/index.css?inline" {
  const css: string;
  export default css;
}
