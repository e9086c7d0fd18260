// The Kubernetes manifest against the types and schemas of Kubernetes, and against itself. Prints TAP.
// `manifest.js --container` prints what its container is, for run. What is spoilt has to fail.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { DaemonSet } from "kubernetes-models/apps/v1/DaemonSet";

const here = dirname(fileURLToPath(import.meta.url));
const classes = { Namespace, ConfigMap, DaemonSet };
const modules = { Namespace: "v1", ConfigMap: "v1", DaemonSet: "apps/v1" };

function read() {
  const text = readFileSync(join(here, "../../packaging/kubernetes/lvsd.yaml"), "utf8");
  return parseAllDocuments(text, { uniqueKeys: true }).map((document) => {
    if (document.errors.length) throw document.errors[0];
    return document.toJS();
  });
}

// What the schemas of Kubernetes find: types, what must be there, formats.
function schemaFaults(objects) {
  return objects.flatMap((object) => {
    if (!classes[object.kind]) return [`no schema of ${object.kind}`];
    try {
      new classes[object.kind](object).validate();
      return [];
    } catch (error) {
      return [`${object.kind}: ${error.message}`];
    }
  });
}

// What its types find: members that there are not, words that are not among those allowed.
function typeFaults(objects) {
  const dir = mkdtempSync(join(here, "node_modules/.lvsd-"));
  try {
    const source = objects.map((object, i) => {
      const name = `I${object.kind}`;
      return `import type { ${name} as T${i} } from "kubernetes-models/${modules[object.kind] ?? "none"}/${object.kind}";
export const o${i}: T${i} = ${JSON.stringify(object, null, 1)};
`;
    });
    const options = { noEmit: true, strict: true, skipLibCheck: true, types: [], module: "nodenext", target: "es2022" };
    writeFileSync(join(dir, "manifest.ts"), source.join("\n"));
    writeFileSync(join(dir, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["manifest.ts"] }));
    const tsc = spawnSync(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), "--project", dir],
      { encoding: "utf8" });
    return tsc.status === 0 ? [] : (tsc.stdout + tsc.stderr).trim().split("\n");
  } finally {
    rmSync(dir, { recursive: true });
  }
}

// What no schema knows: names that have to agree, and what this container must be and must not.
function ownFaults(objects) {
  const faults = [];
  const want = (condition, what) => condition || faults.push(what);
  const one = (kind) => objects.find((object) => object.kind === kind);
  const set = one("DaemonSet");
  const pod = set.spec.template;
  const [container, ...others] = pod.spec.containers;
  const volumes = new Map(pod.spec.volumes.map((volume) => [volume.name, volume]));
  const version = readFileSync(join(here, "../../meson.build"), "utf8").match(/^ {2}version: '(.*)',$/m)[1];

  for (const [key, value] of Object.entries(set.spec.selector.matchLabels))
    want(pod.metadata.labels[key] === value, `the selector's ${key} is not the pod's`);
  for (const object of objects.filter((object) => object.kind !== "Namespace"))
    want(object.metadata.namespace === one("Namespace").metadata.name, `${object.kind} is in another namespace`);
  for (const mount of container.volumeMounts)
    want(volumes.delete(mount.name), `there is no volume ${mount.name}`);
  want(volumes.size === 0, "a volume is not used");
  want(others.length === 0, "there is one container");
  want(container.image === `lvsd:${version}`, `the image is not that of version ${version}`);
  want(pod.spec.hostNetwork === true, "it is not the host's network");
  want(pod.spec.automountServiceAccountToken === false, "it has a right in the cluster");
  want(container.securityContext.privileged !== true, "it is privileged");
  want(container.securityContext.allowPrivilegeEscalation === false, "it may get more rights");
  want(container.securityContext.capabilities.drop.join() === "ALL", "it keeps capabilities");
  want(container.securityContext.capabilities.add.join() === "NET_ADMIN", "it has not CAP_NET_ADMIN alone");
  want(one("ConfigMap").data["lvsd.conf"].startsWith("[lvsd]"), "there are no settings");
  return faults;
}

let failed = 0;

function report(what, good, faults) {
  console.log(`${good ? "ok" : "not ok"} - manifest: ${what}`);
  if (good) return;
  failed++;
  for (const fault of faults) console.log(`#   ${fault}`);
}

// Changes a copy by a function of its DaemonSet's pod.
function spoilt(change) {
  const objects = read();
  change(objects.find((object) => object.kind === "DaemonSet").spec.template.spec);
  return objects;
}

function container() {
  const objects = read();
  const [c] = objects.find((object) => object.kind === "DaemonSet").spec.template.spec.containers;
  return {
    settings: objects.find((object) => object.kind === "ConfigMap").data["lvsd.conf"],
    capabilities: c.securityContext.capabilities.add.map((name) => name.toLowerCase()),
    args: c.args ?? [],
    probes: [c.startupProbe, c.livenessProbe, c.readinessProbe].map((probe) => probe.exec.command),
  };
}

if (process.argv[2] === "--container") {
  console.log(JSON.stringify(container()));
} else {
  const refuses = (what, fault, find, change) => {
    const faults = find(spoilt(change));
    report(`${what} would be found`, faults.some((found) => fault.test(found)), faults);
  };
  for (const [what, find] of [["the schemas of Kubernetes", schemaFaults], ["its types", typeFaults],
    ["what belongs together", ownFaults]]) {
    const faults = find(read());
    report(`${what} have no objection`, faults.length === 0, faults);
  }
  refuses("a container without a name", /name/, schemaFaults, (pod) => delete pod.containers[0].name);
  refuses("a quantity that is none", /memory/, schemaFaults, (pod) => pod.containers[0].resources.requests.memory = "much");
  refuses("a member that there is not", /hostNetworks"?' does not exist/, typeFaults, (pod) => pod.hostNetworks = true);
  refuses("a word that is not allowed", /"Sometimes"/, typeFaults, (pod) => pod.containers[0].imagePullPolicy = "Sometimes");
  refuses("a volume that there is not", /no volume other/, ownFaults, (pod) => pod.containers[0].volumeMounts[0].name = "other");
  process.exit(failed === 0 ? 0 : 1);
}
