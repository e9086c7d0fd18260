// Runs promtool over rules and tests that are made here, and reads what it says.
import {execFile} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parse, stringify} from 'yaml';
import {root} from '../../contract/lib/daemon.js';

export const rulesFile = join(root, 'packaging/monitoring/lvsd.rules.yml');
export const readRules = () => parse(readFileSync(rulesFile, 'utf8'));
export const allRules = (rules) => rules.groups.flatMap((group) => group.rules);
export const alertsOf = (rules) => allRules(rules).filter((rule) => rule.alert);

const directory = mkdtempSync(join(tmpdir(), 'lvsd-monitoring.'));
process.on('exit', () => rmSync(directory, {recursive: true, force: true}));
let count = 0;

// A file with this value as YAML.
export function yamlFile(value) {
  const path = join(directory, `${count += 1}.yml`);
  writeFileSync(path, stringify(value));
  return path;
}

// {status, text}
export function promtool(...args) {
  return new Promise((resolve) => execFile('promtool', args, {maxBuffer: 1 << 26}, (error, stdout, stderr) =>
    resolve({status: error ? error.code : 0, text: stdout + stderr})));
}

// Runs tests (promtool's, without their interval), each on rules of its own: [rules, test]…; rules are a
// value, or a file's name.
export function testRules(pairs) {
  return promtool('test', 'rules', ...pairs.map(([rules, test]) => yamlFile({
    rule_files: [typeof rules === 'string' ? rules : yamlFile(rules)], tests: [{interval: '1m', ...test}]})));
}

export const inputSeries = (series) => Object.entries(series).map(([name, values]) => ({series: name, values}));

// The faults of a run of promtool that should have gone well.
export const faultsOf = ({status, text}) => (status === 0 ? [] : [text]);
