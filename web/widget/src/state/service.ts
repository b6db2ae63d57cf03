/** Requests to the service that served this page. */

const base = new URL("/chat/api/", location.href);

export function socketAddress(): string {
  const address = new URL("ws", base);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}

/** A request; a body makes it a POST. */
export function call(
  path: string,
  token?: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (token) headers["Authorization"] = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return fetch(new URL(path, base), {
    method: body === undefined ? "GET" : "POST",
    headers,
    credentials: "omit",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
}

/** The JSON of an answer; anything but a 200 is an error. */
export async function read<T>(answer: Promise<Response>): Promise<T> {
  const response = await answer;
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as T;
}
