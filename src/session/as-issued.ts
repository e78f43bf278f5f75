/** Undoes the encoding; empty where it is not the one spelling that we give out (T-33: a changed bit is a changed cookie). */
export function asIssued(text: string): string {
  try {
    const decoded = decodeURIComponent(text);
    return encodeURIComponent(decoded) === text ? decoded : '';
  } catch {
    return '';
  }
}
