import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { ApiError } from '../../api/post.js';
import { useText } from '../../i18n/i18n.js';

interface QueryFieldProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly error: ApiError | null;
  readonly label?: string;
}

const examples = [
  'connectivity.connected:false',
  'tags.region:north',
  'firmware:[1.0 TO 1.2}',
  'asset.location:"hall 2"',
  'shadow.reported.temperature >= 20',
  'thingName:compressor-* AND NOT state:retired',
  'group:"Field trial" AND connectivity.connected:true',
] as const;

/** The place a fault names, from 1; none when it is about the whole. */
const placeOf = (rule: string): number | null => {
  const found = /at position (\d+)/.exec(rule);
  return found ? Number(found[1]) : null;
};

function QueryFault({ error, query }: { error: ApiError; query: string }) {
  const t = useText().console.search;
  const rule = error.faults.find((fault) => fault.field === 'query')?.rule ?? error.message;
  const place = placeOf(rule);
  return (
    <div className="query-fault" role="alert">
      {place !== null && (
        <code>
          {query.slice(0, place - 1)}
          <mark>{query.slice(place - 1, place) || '␣'}</mark>
          {query.slice(place)}
        </code>
      )}
      {place === null
        ? rule
        : t.fault(place, rule.replace(/^[\s\S]*?at position \d+:\s*/, '').replace(/\s*\(given:[\s\S]*$/, ''))}
    </div>
  );
}

/** One field for the query language. Examples are offered while it is empty and looked at. */
export function QueryField({ query, onQuery, error, label }: QueryFieldProps) {
  const text = useText();
  const t = text.console.search;
  const [typed, setTyped] = useState(query);
  const [focused, setFocused] = useState(false);
  const latest = useRef(onQuery);
  latest.current = onQuery;
  useEffect(() => setTyped(query), [query]);
  useEffect(() => {
    if (typed.trim() === query) return;
    const timer = setTimeout(() => latest.current(typed.trim()), 400);
    return () => clearTimeout(timer);
  }, [typed, query]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches whether the field or an example has the focus.
    <div
      className="query"
      onFocus={() => setFocused(true)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setFocused(false);
      }}
    >
      <TextInput
        placeholder={t.hint}
        aria-label={label ?? t.label}
        spellCheck={false}
        autoComplete="off"
        maxLength={2000}
        leftSection={<IconSearch size={16} />}
        value={typed}
        aria-invalid={Boolean(error)}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && onQuery(typed.trim())}
        rightSection={typed && <CloseButton size="sm" aria-label={text.table.clear} onClick={() => setTyped('')} />}
      />
      {error && <QueryFault error={error} query={query} />}
      {focused && typed === '' && (
        <ul className="examples" aria-label={t.examples}>
          {examples.map((example, place) => (
            <li key={example}>
              <button type="button" onClick={() => setTyped(example)}>
                {example}
              </button>{' '}
              {t.exampleWords[place]}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
