/**
 * Makes an element. Text becomes text nodes, never markup: what services answer cannot turn into anything else.
 * @param {string} tag
 * @param {Record<string, string | boolean>} attributes `true` sets an empty attribute, `false` none
 * @param {...(Node | string)} children
 */
export function makeElement(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}
