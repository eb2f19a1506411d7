/**
 * A text by what a reader takes for one character each. None has more than a few code points: what is piled up on one
 * base beyond that (a thousand accents cover the lines above) stands on bases of its own. So does a mark at the very
 * start, which would fall on whatever is written before the text.
 */
export function* clusters(text: string): Generator<string, void> {
  let cluster = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    // Marks of some scripts are segments by themselves, and yet stand on what comes before.
    const belongs = HAS_NO_BASE.test(segment) && cluster.length + segment.length <= MOST_CODE_POINTS;
    if (cluster !== "" && belongs) cluster += segment;
    else {
      yield* bounded(cluster);
      cluster = segment;
    }
  }
  yield* bounded(cluster);
}

/** The text with its `clusters` bounded. */
export function boundedClusters(text: string): string {
  return NEEDS_BOUNDS.test(text) ? [...clusters(text)].join("") : text;
}

/** A text that falls on nothing that is written before it: a mark alone gets a dotted circle, as Unicode shows it. */
export function standing(text: string): string {
  return HAS_NO_BASE.test(text) ? `◌${text}` : text;
}

/** Sequences of emoji have up to 11, letters of any script fewer. */
const MOST_CODE_POINTS = 12;
/** Cheap to look for, and found in every text that has such a cluster. */
const NEEDS_BOUNDS = /\P{ASCII}{12}|^[\p{M}\u200c\u200d]/u;
const HAS_NO_BASE = /^[\p{M}\u200c\u200d]/u;

function* bounded(cluster: string): Generator<string, void> {
  if (cluster === "") return;
  if (cluster.length <= MOST_CODE_POINTS && !HAS_NO_BASE.test(cluster)) yield cluster;
  else yield* pieces(Array.from(cluster));
}

function* pieces(codePoints: readonly string[]): Generator<string, void> {
  for (let start = 0; start < codePoints.length; start += MOST_CODE_POINTS) {
    yield standing(codePoints.slice(start, start + MOST_CODE_POINTS).join(""));
  }
}
