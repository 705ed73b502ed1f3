import { datadogQuery } from "./datadog-query.ts";
import { columnsOf, type Panel, ROWS, TITLE } from "./panels.ts";

/** Columns of a dashboard's grid, and the height of a panel in it. */
const COLUMNS = 12;
const HEIGHT = 3;

const SCOPE = "$host,$tags";

/** Returns the dashboard as https://docs.datadoghq.com/api/latest/dashboards/#create-a-new-dashboard takes it. */
export function datadogDashboard(): object {
  let y = 0;
  return {
    title: TITLE,
    description: "Raspberry Pis, Jetsons and other devices with Chouette, and Chouette's own health.",
    layout_type: "ordered",
    reflow_type: "fixed",
    template_variables: [
      { name: "host", prefix: "host", defaults: ["*"] },
      { name: "tags", defaults: ["*"] },
    ],
    widgets: ROWS.map((row) => {
      const { title, panels } = row;
      const perRow = columnsOf(row);
      const height = 1 + HEIGHT * Math.ceil(panels.length / perRow);
      const group = {
        definition: {
          type: "group",
          layout_type: "ordered",
          title,
          widgets: panels.map((panel, index) => widget(panel, index, perRow)),
        },
        layout: { x: 0, y, width: COLUMNS, height },
      };
      y += height;
      return group;
    }),
  };
}

function widget({ title, shape, queries }: Panel, index: number, perRow: number): object {
  const width = COLUMNS / perRow;
  return {
    definition: {
      type: "timeseries",
      title,
      show_legend: true,
      legend_layout: "auto",
      requests: queries.map((query) => ({
        q: datadogQuery(query, SCOPE),
        display_type: shape === "area" ? "bars" : "line",
      })),
      ...(shape === "on-off" && { yaxis: { min: "0", max: "1" } }),
    },
    layout: {
      x: (index % perRow) * width,
      y: Math.floor(index / perRow) * HEIGHT,
      width,
      height: HEIGHT,
    },
  };
}
