/** In a document's texts: a link that is made when the document is handed out. PATH says to what; the resolver knows. */
const PLACEHOLDER = /\$\{throughline:presigned-url:([^{}]{1,1024})\}/g;

/** Paths of the placeholders in a document (JSON text), each once, in order. */
export function placeholdersIn(document: string): string[] {
  const found = new Set<string>();
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch {
    return [];
  }
  walk(value, (text) => {
    for (const match of text.matchAll(PLACEHOLDER)) if (match[1] !== undefined) found.add(match[1]);
    return text;
  });
  return [...found];
}

/** The document with its placeholders replaced; a path that `urls` does not have stays as it is. */
export function filledIn(document: string, urls: ReadonlyMap<string, string>): unknown {
  return walk(JSON.parse(document), (text) =>
    text.replace(PLACEHOLDER, (whole, path: string) => urls.get(path) ?? whole),
  );
}

function walk(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one) => walk(one, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one, change)]));
}
