/**
 * Generates the TypeScript types of an OpenAPI document, in the shape that `openapi-fetch` expects: `paths` and
 * `components`. It supports only the parts of OpenAPI that our own document uses, and throws on any other part.
 * (openapi-typescript needs the compiler API that TypeScript 7 no longer has.)
 */
interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  description?: string;
}

interface Parameter {
  $ref?: string;
  name?: string;
  in?: string;
  required?: boolean;
  schema?: Schema;
}

interface Media {
  content?: Record<string, { schema?: Schema }>;
}

interface Operation {
  summary?: string;
  parameters?: Parameter[];
  requestBody?: Media;
  responses: Record<string, Media & { $ref?: string }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter>;
    responses: Record<string, Media>;
  };
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

export function typescriptOf(document: unknown): string {
  // The cast is safe for our own document: if it did not have this shape, the generated types would show it.
  const { paths, components } = document as Document;
  const resolve = (parameter: Parameter): Parameter =>
    parameter.$ref ? components.parameters[last(parameter.$ref)]! : parameter;
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `${doc(schema.description, '    ')}    ${name}: ${typeOf(schema)};`,
  );
  const responses = Object.entries(components.responses).map(
    ([name, response]) => `    ${name}: ${responseOf(response)};`,
  );
  const routes = Object.entries(paths).map(([path, item]) => {
    const operations = METHODS.map((method) => {
      const operation = item[method];
      return operation
        ? `${doc(operation.summary, '    ')}    ${method}: ${operationOf(operation, resolve)};`
        : `    ${method}?: never;`;
    });
    return `  ${JSON.stringify(path)}: {\n${operations.join('\n')}\n  };`;
  });
  return [
    '// Generated from openapi.json by openapi/emit.ts; do not edit.',
    `export interface paths {\n${routes.join('\n')}\n}`,
    `export interface components {\n  schemas: {\n${schemas.join('\n')}\n  };\n  responses: {\n${responses.join('\n')}\n  };\n}`,
    '',
  ].join('\n\n');
}

function operationOf({ parameters = [], requestBody, responses }: Operation, resolve: (p: Parameter) => Parameter) {
  const all = parameters.map(resolve);
  const groups = ['query', 'header', 'path'].map((place) => {
    const members = all.filter((parameter) => parameter.in === place);
    if (members.length === 0) return `${place}?: never`;
    const optional = members.every(({ required }) => !required) ? '?' : '';
    const fields = members.map(
      ({ name, required, schema }) => `${JSON.stringify(name)}${required ? '' : '?'}: ${typeOf(schema ?? {})}`,
    );
    return `${place}${optional}: { ${fields.join('; ')} }`;
  });
  const body = requestBody ? `requestBody: { content: ${contentOf(requestBody)} }` : 'requestBody?: never';
  const answers = Object.entries(responses).map(([status, response]) => {
    const type = response.$ref
      ? `components['responses'][${JSON.stringify(last(response.$ref))}]`
      : responseOf(response);
    return `${status}: ${type}`;
  });
  return `{ parameters: { ${groups.join('; ')} }; ${body}; responses: { ${answers.join('; ')} } }`;
}

const responseOf = (response: Media): string =>
  `{ headers: Record<string, unknown>; content${response.content ? `: ${contentOf(response)}` : '?: never'} }`;

const contentOf = ({ content = {} }: Media): string =>
  `{ ${Object.entries(content)
    .map(([type, { schema }]) => `${JSON.stringify(type)}: ${typeOf(schema ?? {})}`)
    .join('; ')} }`;

function typeOf(schema: Schema): string {
  if (schema.$ref) return `components['schemas'][${JSON.stringify(last(schema.$ref))}]`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return `(${alternatives.map(typeOf).join(' | ')})`;
  if (schema.allOf) return `(${schema.allOf.map(typeOf).join(' & ')})`;
  if (Array.isArray(schema.type)) return `(${schema.type.map((type) => typeOf({ ...schema, type })).join(' | ')})`;
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `Array<${typeOf(schema.items ?? {})}>`;
    case 'object':
      return objectOf(schema);
    case undefined:
      return 'unknown';
    default:
      throw new Error(`openapi/typescript.ts does not know the type ${schema.type}`);
  }
}

function objectOf({ properties, required = [], additionalProperties: rest }: Schema): string {
  const fields = Object.entries(properties ?? {}).map(
    ([name, schema]) => `${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  );
  if (rest === false || (rest === undefined && fields.length > 0)) return `{ ${fields.join('; ')} }`;
  const value = typeof rest === 'object' ? typeOf(rest) : 'unknown';
  if (fields.length === 0) return `Record<string, ${value}>`;
  return `({ ${fields.join('; ')} } & Record<string, ${value}>)`;
}

const last = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

const doc = (text: string | undefined, indent: string): string =>
  text ? `${indent}/** ${text.replaceAll('*/', '* /').replaceAll('\n', ' ')} */\n` : '';
