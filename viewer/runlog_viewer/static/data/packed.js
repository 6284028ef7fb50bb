// Texts that repeat themselves stand deflated in data scripts, in base64: a gallery takes a fifth of what it is.

// `sample` is the stream that this one goes on from, and the length of what it gives.
export async function unpacked(text, [sample, length] = ['', 0]) {
  const signs = atob(sample) + atob(text);
  const bytes = new Uint8Array(signs.length);
  for (let n = 0; n < signs.length; n += 1) bytes[n] = signs.charCodeAt(n);
  const stream = new Response(bytes).body.pipeThrough(new DecompressionStream('deflate-raw'));
  return new TextDecoder().decode(new Uint8Array(await new Response(stream).arrayBuffer(), length));
}
