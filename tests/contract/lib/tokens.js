// A tokens file with one token for each role.
import {createHash} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

export const secrets = {reader: 'reader-secret', operator: 'operator-secret', admin: 'admin-secret'};

// The line of a token.
export const line = (id, role, secret) =>
  `${id} ${role} ${createHash('sha256').update(secret).digest('hex')}\n`;

// Writes DIRECTORY/tokens, whose ids are the roles' names; its path.
export function writeTokens(directory) {
  const path = join(directory, 'tokens');
  const lines = Object.entries(secrets).map(([role, secret]) => line(role, role, secret));
  writeFileSync(path, `# of a test\n${lines.join('')}`, {mode: 0o600});
  return path;
}
