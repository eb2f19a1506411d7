/** The text in a file of a prompt, if it is a kind of text. */
export function textInFile({ mediaType, data }: { mediaType: string; data: string }): string | undefined {
  const isText = mediaType.startsWith("text/") || /^application\/(.+\+)?(json|xml|yaml|toml)\b/.test(mediaType);
  return isText ? Buffer.from(data, "base64").toString("utf8") : undefined;
}

/** A text that stands for a file. */
export function namedText(text: string, name: string | undefined): string {
  return name === undefined ? text : `${name}:\n\n${text}`;
}

export function dataURL({ mediaType, data }: { mediaType: string; data: string }): string {
  return `data:${mediaType};base64,${data}`;
}
