// Which metrics and labels an expression of PromQL names. What is no valid expression is promtool's to say.
const KEYWORDS = new Set(['and', 'or', 'unless', 'offset', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'bool']);

// {metrics: names, selectors: [[metric, label]], grouping: labels of by and on}
export function namesOf(expr) {
  const grouping = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap((match) => match[1].split(',').map((label) => label.trim()));
  const selectors = [...expr.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)].flatMap(([, metric, inner]) =>
    [...inner.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map((match) => [metric, match[1]]));
  const bare = expr.replace(/\{[^}]*\}/g, '').replace(/"[^"]*"/g, '').replace(/\[[^\]]*\]/g, '').replace(/\b(?:by|on) \([^)]*\)/g, '')
    .replace(/\boffset \w+/g, '');
  const metrics = [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w)(?!\s*\()/g)].map((match) => match[0])
    .filter((name) => !KEYWORDS.has(name) && !bare.includes(`${name}(`) && !bare.includes(`${name} (`));
  return {metrics: [...new Set(metrics)], selectors, grouping: [...new Set(grouping)]};
}

// An expression of the dashboard with values for its variables.
export const filled = (expr) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h').replace(/\$(job|instance|service)\b/g, '.*');

// The series of a scrape: name → labels → value, labels as text in braces.
export function seriesOf(text) {
  return new Map([...text.matchAll(/^([a-z_]+)(?:\{(.*)\})? (-?[\d.]+)$/gm)].map(([, name, labels, value]) =>
    [`${name}{${[labels?.replace(/,$/, ''), 'job="lvsd",instance="d1"'].filter(Boolean).join(',')}}`, value]));
}
