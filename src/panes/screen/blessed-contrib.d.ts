/** The one widget of blessed-contrib that is always read, by its own path; its types are those of the whole index. */
declare module 'blessed-contrib/lib/widget/sparkline.js' {
  const widget: unknown;
  export default widget;
}
