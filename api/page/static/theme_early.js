// Runs before the page is drawn, so that a dark page does not flash white: the one script that is no module.
try {
  const { theme } = JSON.parse(localStorage.getItem('candlewick.chart') || '{}');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system's choice holds.
}
