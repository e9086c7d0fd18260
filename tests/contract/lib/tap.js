// Test results as TAP lines.
let count = 0;
let failed = 0;

export function report(name, faults) {
  const list = Array.isArray(faults) ? faults : faults ? [faults] : [];
  count += 1;
  failed += list.length > 0;
  console.log(`${list.length ? 'not ok' : 'ok'} ${count} - ${name}`);
  for (const fault of list.slice(0, 20))
    console.log(String(fault).replace(/^/gm, '#   '));
}

// Runs fn, which throws or returns faults.
export async function test(name, fn) {
  try {
    report(name, await fn());
  } catch (error) {
    report(name, error.stack ?? String(error));
  }
}

export function finish() {
  console.log(`1..${count}`);
  process.exitCode = failed ? 1 : 0;
}
