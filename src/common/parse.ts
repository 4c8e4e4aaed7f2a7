import * as v from 'valibot';

/** The value if it is what the schema says, as the schema makes it; `undefined` for anything else. */
export function parseAs<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> | undefined {
  const { success, output } = v.safeParse(schema, value);
  return success ? output : undefined;
}
