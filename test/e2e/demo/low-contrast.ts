/**
 * Runs in the page: texts that stand out too little from what is behind them, with their ratio (WCAG 2.2, 1.4.3: 4.5, or
 * 3 for large text). A canvas turns any notation of a color into numbers.
 * @param fewest texts that must be there to be looked at
 */
export const lowContrast = (fewest = 50) => `(() => {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const read = (color) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const light = ([red, green, blue]) => [red, green, blue]
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = read(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
      if (color[3] > 0) throw new Error('half transparent: ' + at.className);
    }
    document.body.style.outlineColor = 'Canvas';
    return read(getComputedStyle(document.body).outlineColor);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const low = [];
  let seen = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (text === '' || element.closest('.unseen, noscript, script') || !element.checkVisibility()) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const [one, other] = [light(read(color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const isLarge = parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && Number(fontWeight) >= 700);
    seen += 1;
    if (ratio < (isLarge ? 3 : 4.5)) low.push(text.slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return seen > ${fewest} ? low : ['only ' + seen + ' texts were looked at'];
})()`;
