import { isDestinationName } from '../destinations/destination-name.ts';

/** What may be kept (destination-service.md 4.6, 4.7, section 5). Each check tells what is wrong, or undefined. */
export type CheckContent = (content: Readonly<Record<string, unknown>>) => string | undefined;

const types = ['HTTP', 'RFC', 'MAIL', 'LDAP', 'TCP'];

/** Extensions of key stores and certificates (section 5), those of our own included. */
const extensions = /\.(?:p12|pfx|jks|keystore|pem|crt|cer|der|txt|json)$/i;

/** A file name: no path, no leading dot (T-70). */
export function isCertificateName(name: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9_. -]{0,199}$/.test(name) && extensions.test(name);
}

export const checkDestination: CheckContent = (content) =>
  nameProblem(content, 'Name') ??
  (typeof content['Type'] === 'string' && types.includes(content['Type'])
    ? textsProblem(content)
    : `Type must be one of ${types.join(', ')}`);

export const checkFragment: CheckContent = (content) => {
  const foreign = ['Name', 'Type'].find((key) => Object.hasOwn(content, key));
  return (
    nameProblem(content, 'FragmentName') ??
    (foreign === undefined ? textsProblem(content) : `A fragment must not contain ${foreign}`)
  );
};

export const checkCertificate: CheckContent = ({ Name: name, Type: type, Content: content }) => {
  if (typeof name !== 'string' || name === '') return 'Name is missing';
  if (!isCertificateName(name))
    return 'Name must be a file name that ends in .p12, .pfx, .jks, .pem, .crt, .cer or .der';
  if (type !== undefined && type !== null && type !== 'CERTIFICATE') return 'Type must be CERTIFICATE';
  if (typeof content !== 'string' || content === '') return 'Content is missing';
  const clean = content.replace(/\s/g, '');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(clean) && clean.length % 4 === 0 ? undefined : 'Content must be base64';
};

function nameProblem(content: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const name = content[key];
  if (typeof name !== 'string' || name === '') return `${key} is missing`;
  return isDestinationName(name)
    ? undefined
    : `${key} may have letters, digits, "_", "-" and "." (not first), and at most 200 of them`;
}

/** Section 0 #1: all values are texts. `$metadata` is the service's own. */
function textsProblem(content: Readonly<Record<string, unknown>>): string | undefined {
  const wrong = Object.entries(content).find(([key, value]) => typeof value !== 'string' && key !== '$metadata');
  return wrong && `The value of ${wrong[0]} must be a text, as all values are: write it in quotes`;
}
