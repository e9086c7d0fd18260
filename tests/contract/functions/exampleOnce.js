// For spectral: its own check of examples against their schemas, once for each schema with its examples. Most of them
// are answers that all operations share, and to compile such a schema each time is most of the time of a lint.
import {oasExample} from '@stoplight/spectral-rulesets/dist/oas/functions/index.js';

const good = new Set();

export default function exampleOnce(target, options, context) {
  const direction = ['requestBody', 'responses'].filter((part) => context.path.includes(part));
  const key = JSON.stringify([direction, options, target]);
  if (good.has(key))
    return [];
  const faults = oasExample(target, options, context) ?? [];
  if (!faults.length)
    good.add(key);
  return faults;
}
