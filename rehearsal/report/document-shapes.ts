import { Static, TProperties, TSchema, Type } from '@sinclair/typebox';

// Shapes that the parts of the report's JSON Schema are made of.

/** Nothing beside what is named: a field nobody documented is a mistake of the writer. */
export const object = <T extends TProperties>(properties: T) => Type.Readonly(Type.Object(properties, { additionalProperties: false }));
export const list = <T extends TSchema>(items: T) => Type.Unsafe<readonly Static<T>[]>(Type.Array(items));
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const text = Type.String();
export const number = Type.Number();
export const positive = Type.Number({ minimum: 0 });
export const whole = Type.Integer({ minimum: 0 });
export const share = Type.Number({ minimum: 0, maximum: 1 });
