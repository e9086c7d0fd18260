// A dashboard as Grafana's own types have it, for the kinds of panels that ours has. dashboard.js writes
// the dashboard as a value of the type Checked and lets the compiler look.
import type {AnnotationQuery, Dashboard, FieldConfigSource, Panel, RowPanel, VariableModel} from '@grafana/schema';
import type {Options as StatOptions} from './node_modules/@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type {FieldConfig as TableField, Options as TableOptions} from './node_modules/@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type {FieldConfig as LinesField, Options as LinesOptions} from './node_modules/@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// JSON has the values of enums, not their names.
type Plain<T> = T extends string ? `${T}` : T extends number ? (`${T}` extends `${infer N extends number}` ? N : T)
  : T extends (infer E)[] ? Plain<E>[] : T extends object ? {[K in keyof T]: Plain<T[K]>} : T;

// What the data source Prometheus adds to queries and annotations.
interface Query {refId: string; datasource: {type: 'prometheus'; uid: '${datasource}'}; expr: string; legendFormat: string; instant?: boolean; format?: 'table' | 'time_series'}
type Annotation = AnnotationQuery & {expr: string; step: string; titleFormat: string};

type Kind<Type extends string, Options, Field> = Omit<Panel, 'type' | 'options' | 'fieldConfig' | 'targets'> & {
  type: Type; id: number; title: string; description: string; gridPos: NonNullable<Panel['gridPos']>; options: Options; targets: Query[]; fieldConfig: FieldConfigSource<Partial<Field>>};
type AnyPanel = Kind<'stat', StatOptions, Record<string, never>> | Kind<'timeseries', LinesOptions, LinesField> | Kind<'table', TableOptions, TableField>;

export type Checked = Plain<Omit<Dashboard, 'panels' | 'annotations' | 'templating'> & {
  panels: (AnyPanel | (Omit<RowPanel, 'type' | 'panels'> & {type: 'row'; panels: []}))[]; annotations: {list: Annotation[]}; templating: {list: VariableModel[]}}>;
