// What Superset publishes on `window` before it imports a chart plugin.
export const React = window['__superset__/react'];
export const { buildQueryContext, ChartMetadata, ChartPlugin } = window['__superset__/@superset-ui/core'];
export const element = React.createElement;
