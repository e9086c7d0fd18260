// The OpenAPI document: its operations, and whether an answer is one that it describes. Schemas of
// answers are read strictly: a member that they do not name is a fault, although clients ignore it.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import {root} from './daemon.js';

export const file = process.env.OPENAPI ?? join(root, 'openapi/openapi.json');
export const document = JSON.parse(readFileSync(file, 'utf8'));

function ajv() {
  const instance = new Ajv({allErrors: true, strict: false, validateFormats: true});
  formats.default(instance);
  return instance;
}

// A copy in which every object that lists its members has no others.
function closed(schema) {
  if (Array.isArray(schema))
    return schema.map(closed);
  if (schema === null || typeof schema !== 'object')
    return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isSchema = copy.properties && !('additionalProperties' in copy) && (copy.type ?? '').includes?.('object');
  return isSchema ? {...copy, additionalProperties: false} : copy;
}

const open = new Set(['OpenApi']);
const loose = ajv().addSchema({$id: 'doc', components: document.components});
const strict = ajv().addSchema({
  $id: 'doc',
  components: {
    schemas: Object.fromEntries(Object.entries(document.components.schemas)
      .map(([name, schema]) => [name, open.has(name) ? schema : closed(schema)])),
  },
});
const compiled = new Map();

function validator(instance, kind, ref) {
  const key = `${kind} ${ref}`;
  if (!compiled.has(key))
    compiled.set(key, instance.compile({$ref: `doc${ref}`}));
  return compiled.get(key);
}

// What is wrong with a value, by the schema of this name: a list of texts.
export function check(name, value, how = 'strict') {
  const validate = validator(how === 'strict' ? strict : loose, how, `#/components/schemas/${name}`);
  return validate(value) ? []
    : validate.errors.map((e) => `${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`);
}

export const operations = {};
for (const [path, item] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(item))
    operations[operation.operationId] = {...operation, path, method: method.toUpperCase()};
}

export const resolve = (value) => (value?.$ref
  ? value.$ref.slice(2).split('/').reduce((at, key) => at[key], document) : value);

// The path of an operation for ids, as the document says; not encoded when they are fit.
export function pathOf(operation, ids = {}) {
  return operation.path.replace(/\{(\w+)\}/g,
    (_, name) => ids[name] ?? document.components.parameters[name].example);
}

// The faults of an answer to an operation.
export function checkAnswer(operation, answer) {
  const faults = [];
  const response = resolve(operation.responses[answer.status]);
  if (answer.broken)
    faults.push(`broken JSON: ${answer.broken}`);
  if (!response)
    return [...faults, `status ${answer.status} is not documented: ${answer.text.slice(0, 300)}`];
  for (const [name, header] of Object.entries(response.headers ?? {})) {
    const value = answer.headers[name.toLowerCase()];
    const pattern = resolve(header).schema?.pattern;
    if (value === undefined && resolve(header).required)
      faults.push(`the header ${name} is missing`);
    if (value !== undefined && pattern && !new RegExp(pattern, 'u').test(value))
      faults.push(`the header ${name} is ${value}`);
  }
  if (!response.content)
    return answer.text ? [...faults, `a body with status ${answer.status}`] : faults;
  const media = response.content[answer.type];
  if (!media)
    return [...faults, `content type ${answer.type} is not documented`];
  if (answer.json !== undefined)
    faults.push(...check(media.schema.$ref.split('/').pop(), answer.json));
  if (answer.type === 'application/problem+json')
    faults.push(...checkProblem(operation, answer));
  return faults;
}

function checkProblem(operation, answer) {
  const problem = answer.json;
  const faults = [];
  if (!operation['x-problem-codes'].includes(problem.code))
    faults.push(`the code ${problem.code} is not documented`);
  if (problem.status !== answer.status)
    faults.push(`status ${problem.status} in the body of a ${answer.status}`);
  if (problem.type !== `/v1/problems/${problem.code}`)
    faults.push(`the type is ${problem.type}`);
  if (problem.requestId !== answer.headers['x-request-id'])
    faults.push('requestId is not X-Request-Id');
  return faults;
}
