// What static/vendor/lightweight-charts.js is to the type checker: the server answers it with the library's file.
export * from 'lightweight-charts';
