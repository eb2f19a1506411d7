/** `12 ms`, `3.2 s`, `2 min 05 s`, `1 h 02 min`. */
export function durationText(durationMs: number): string {
  if (durationMs < 999.5) return `${Math.max(0, Math.round(durationMs))} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  const [big, small, units] = seconds < 3600 ? [60, 1, ["min", "s"]] : [3600, 60, ["h", "min"]];
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)} ${units[0]} ${String(rest).padStart(2, "0")} ${units[1]}`;
}
