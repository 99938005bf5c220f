import { Button, Checkbox, Group, JsonInput, NumberInput, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CommandDefinition } from '../../api/operations/commands.js';
import type { ApiError } from '../../api/post.js';
import { useText } from '../../i18n/i18n.js';
import { Fault } from '../parts/confirm.js';
import { isObject, type JsonObject, jsonFault } from '../parts/json.js';

type Commands = readonly CommandDefinition[];

interface CommandFormProps {
  readonly commands: Commands;
  readonly busy: boolean;
  readonly error: ApiError | null;
  readonly action: string;
  readonly none: string;
  readonly onSend: (command: string, args: string) => void;
}

/** Properties a form can be made of; null when there is one that needs JSON text. */
function simpleProperties(schema: unknown): [string, JsonObject][] | null {
  const properties = isObject(schema) && isObject(schema.properties) ? Object.entries(schema.properties) : [];
  const simple = properties.every(
    ([, property]) =>
      isObject(property) &&
      (Array.isArray(property.enum) || ['string', 'integer', 'number', 'boolean'].includes(String(property.type))),
  );
  return simple ? (properties as [string, JsonObject][]) : null;
}

interface FieldProps {
  readonly name: string;
  readonly property: JsonObject;
  readonly required: boolean;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

function Field({ name, property, required, value, onChange }: FieldProps) {
  const label = typeof property.title === 'string' ? property.title : name;
  if (Array.isArray(property.enum))
    return (
      <Select
        label={label}
        required={required}
        value={value === undefined ? null : String(value)}
        data={property.enum.map(String)}
        onChange={(next) => onChange(next ?? undefined)}
      />
    );
  if (property.type === 'boolean')
    return <Checkbox label={label} checked={value === true} onChange={(e) => onChange(e.currentTarget.checked)} />;
  if (property.type === 'string')
    return (
      <TextInput
        label={label}
        required={required}
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
    );
  const { minimum, maximum } = property;
  return (
    <NumberInput
      label={label}
      required={required}
      description={typeof minimum === 'number' && typeof maximum === 'number' ? `${minimum} – ${maximum}` : undefined}
      allowDecimal={property.type === 'number'}
      {...(typeof minimum === 'number' ? { min: minimum } : {})}
      {...(typeof maximum === 'number' ? { max: maximum } : {})}
      value={typeof value === 'number' ? value : ''}
      onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
    />
  );
}

/** A form of a command's arguments, made from its schema; JSON text where the schema is not simple. */
export function CommandForm({ commands, busy, error, action, none, onSend }: CommandFormProps) {
  const t = useText().console;
  const [name, setName] = useState(commands[0]?.name ?? '');
  const [values, setValues] = useState<JsonObject>({});
  const [json, setJson] = useState('{}');
  const command = commands.find((each) => each.name === name) ?? commands[0];
  if (!command) return <p className="dim">{none}</p>;
  const fields = simpleProperties(command.argumentsSchema);
  const schema = command.argumentsSchema;
  const required = isObject(schema) && Array.isArray(schema.required) ? schema.required.map(String) : [];
  const fault = fields ? null : jsonFault(json, t.bulk.jsonRule);
  const missing = fields ? required.some((key) => values[key] === undefined) : fault !== null;
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!missing) onSend(command.name, fields ? JSON.stringify(values) : json);
      }}
    >
      <Select
        label={t.commands.command}
        value={command.name}
        allowDeselect={false}
        data={commands.map((each) => ({ value: each.name, label: each.title }))}
        onChange={(next) => {
          setName(next ?? '');
          setValues({});
        }}
      />
      {fields ? (
        fields.map(([key, property]) => (
          <Field
            key={key}
            name={key}
            property={property}
            required={required.includes(key)}
            value={values[key]}
            onChange={(value) =>
              setValues(({ [key]: _, ...others }) => (value === undefined ? others : { ...others, [key]: value }))
            }
          />
        ))
      ) : (
        <JsonInput label={t.commands.arguments} value={json} onChange={setJson} error={fault} autosize minRows={4} />
      )}
      <Fault error={error} />
      <Group justify="flex-end">
        <Button type="submit" disabled={missing} loading={busy}>
          {action}
        </Button>
      </Group>
    </form>
  );
}
