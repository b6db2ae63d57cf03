/** Talking to the service; the shapes are generated from its OpenAPI document. */

import type { components } from "@wence/shared/api";

type Schemas = components["schemas"];
export type Answers = Schemas["Answers"];
export type Card = Schemas["AnswerCard"];
export type Deciding = Schemas["Deciding"];
export type EntryList = Schemas["EntryList"];
export type Enrolment = Schemas["Enrolment"];
export type Firm = Schemas["Firm"];
export type FirmVerdict = Schemas["FirmVerdict"];
export type LearnList = Schemas["LearnList"];
export type Link = Schemas["LinkRecord"];
export type Me = Schemas["Me"];
export type Reminder = Schemas["ReminderRecord"];
export type Report = Schemas["Report"];
export type Status = Card["status"];
export type Talk = Schemas["TalkRecord"];
export type Ticket = Schemas["TicketRecord"];
export type TicketBody = Schemas["TicketBody"];
export type TicketDetail = Schemas["TicketDetail"];
export type User = Schemas["UserRecord"];
export type Ways = Schemas["Ways"];
export type Lists = {
  "/audit": Schemas["AuditList"];
  "/canned": Schemas["CannedList"];
  "/corrections": Schemas["CorrectionList"];
  "/notices": Schemas["NoticeList"];
  "/proposals": Schemas["ProposalList"];
  "/reminders": Schemas["ReminderList"];
  "/talks": Schemas["TalkList"];
  "/users": Schemas["UserList"];
};
export type Fact = components["schemas"]["FactRecord"];
export type FactValue = string | number | boolean;
export type Facts = Record<string, FactValue>;

/** What the service refused, in its own words. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, "offline", "网络不通，请稍后再试");
  }
  const body = (await response.json().catch(() => null)) as {
    error?: { code: string; message: string };
  } | null;
  if (!response.ok) {
    const error = body?.error;
    throw new ApiError(
      response.status,
      error?.code ?? "",
      error?.message ?? "服务出错，请稍后再试",
    );
  }
  return body as T;
}

/** The query of a path; empty values are left out. */
export function query(values: Record<string, string | undefined>): string {
  const given = Object.entries(values).filter((pair): pair is [string, string] => !!pair[1]);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(`/desk/api${path}`, signal ? { signal } : {});
}

export function list<P extends keyof Lists>(path: P): Promise<Lists[P]> {
  return get<Lists[P]>(path);
}

/** Every change carries a header that no other site can send. */
export function post<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return ask<T>(`/desk/api${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Wence-Desk": "1" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
}

export async function facts(): Promise<Fact[]> {
  return (await ask<{ items: Fact[] }>("/api/v1/facts", {})).items;
}
