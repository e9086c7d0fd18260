// Writes copies of a part of the OpenAPI document with faults, to show that the linters find them:
// spoilt.js DOCUMENT DIRECTORY. A part, since linters take half a minute for the whole.
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

const [file, directory] = process.argv.slice(2);
const kept = ['/version', '/v1/services/{service}'];
const put = (d) => d.paths['/v1/services/{service}'].put;
const faults = {
  'no-4xx': (d) => {
    const {responses} = d.paths['/version'].get;
    for (const status of Object.keys(responses).filter((s) => s.startsWith('4')))
      delete responses[status];
  },
  'house-rules': (d) => {
    const {content} = d.components.responses.Problem409;
    content['application/json'] = content['application/problem+json'];
    delete content['application/problem+json'];
    delete put(d).operationId;
    delete put(d).requestBody.content['application/json'].examples;
    d.jsonSchemaDialect = 'https://spec.openapis.org/oas/3.1/dialect/base';
  },
  'bad-example': (d) => { put(d).requestBody.content['application/json'].examples.small.value.scheduler = 5; },
};
for (const [name, spoil] of Object.entries(faults)) {
  const copy = JSON.parse(readFileSync(file, 'utf8'));
  copy.paths = Object.fromEntries(kept.map((path) => [path, copy.paths[path]]));
  spoil(copy);
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(copy));
}
