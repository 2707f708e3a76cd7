/* The theme is in a cookie, so that the server renders pages with it and none flashes. */
export function choose(theme) {
  const age = theme ? 31536000 : 0;
  document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax`;
  document.documentElement.dataset.theme = theme;
}
