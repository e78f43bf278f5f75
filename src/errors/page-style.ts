/**
 * How the router's own pages look: as light or dark as their reader wants it, and narrow enough for a phone. Grey is told
 * apart from either ground (WCAG 2.2, 1.4.3).
 */
export const pageStyle = `:root{color-scheme:light dark}
body{font:1.0625rem/1.5 system-ui,sans-serif;max-width:38rem;margin:15vh auto;padding:0 1rem;overflow-wrap:anywhere}
h1{font-size:1.5rem}
li{margin:.75rem 0}
button{font:inherit;padding:.25rem .75rem}
small{color:light-dark(#595959,#a6a6a6)}`;
