import { DOMParser } from '@xmldom/xmldom';

export const saml = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const dsig = 'http://www.w3.org/2000/09/xmldsig#';

/**
 * Parses XML into its root element. Document types are refused outright: they are how entities get in.
 * @throws Error for anything a strict parser would complain of, even mildly
 */
export function parseXml(text: string): Element {
  if (/<!DOCTYPE/i.test(text)) throw new Error('a document type is not allowed');
  const complain = (message: unknown) => {
    throw new Error(String(message));
  };
  const parser = new DOMParser({ errorHandler: { warning: complain, error: complain, fatalError: complain } });
  const document = parser.parseFromString(text, 'text/xml');
  const roots = Array.from(document.childNodes).filter((node) => node.nodeType === 1);
  if (document.doctype || roots.length !== 1 || !document.documentElement)
    throw new Error('one root element is expected');
  return document.documentElement;
}

/** Child elements, all of them. */
export function elements(parent: Element): Element[] {
  return Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === 1);
}

/** Child elements of a name. */
export function children(parent: Element, namespace: string, name: string): Element[] {
  return elements(parent).filter((element) => element.localName === name && element.namespaceURI === namespace);
}

/** The one child element of a name; undefined when there is none. @throws Error when there are several */
export function onlyChild(parent: Element | undefined, namespace: string, name: string): Element | undefined {
  const found = parent ? children(parent, namespace, name) : [];
  if (found.length > 1) throw new Error(`more than one ${name}`);
  return found[0];
}

/** An attribute's value; undefined when it is absent (the DOM says ''). */
export function attribute(element: Element | undefined, name: string): string | undefined {
  return element?.hasAttribute(name) ? (element.getAttribute(name) ?? undefined) : undefined;
}
