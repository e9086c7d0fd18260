// Writes a part of the OpenAPI document with faults, to show that the linters find each of them:
// spoilt.js DOCUMENT FILE. A part, since linters take half a minute for the whole.
import {readFileSync, writeFileSync} from 'node:fs';

const [from, to] = process.argv.slice(2);
const document = JSON.parse(readFileSync(from, 'utf8'));
document.paths = Object.fromEntries(['/version', '/v1/services/{service}'].map((path) => [path, document.paths[path]]));

// An operation without 4xx.
const {responses} = document.paths['/version'].get;
for (const status of Object.keys(responses).filter((s) => s.startsWith('4')))
  delete responses[status];
// An error that is no problem document.
const {content} = document.components.responses.Problem409;
content['application/json'] = content['application/problem+json'];
delete content['application/problem+json'];
// One without a name, a body without example, one whose example the schema forbids.
const {get, put, patch} = document.paths['/v1/services/{service}'];
delete get.operationId;
delete patch.requestBody.content['application/merge-patch+json'].examples;
put.requestBody.content['application/json'].examples.small.value.scheduler = 5;
document.jsonSchemaDialect = 'https://spec.openapis.org/oas/3.1/dialect/base';
writeFileSync(to, JSON.stringify(document));
