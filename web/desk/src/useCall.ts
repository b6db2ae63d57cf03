/** What belongs to one call: the question, the cards, the caller's facts, and what was used. */

import { useEffect, useRef, useState } from "react";
import { type Answers, type Card, type Facts, type FactValue, type Firm, post } from "./client";
import { useFailure, useSettled } from "./hooks";

const PAUSE = 350; // milliseconds after the last key stroke until meaning counts too

/** Words at each key stroke, meaning after a pause; a late answer never replaces a newer one. */
export function useAnswers(question: string): Answers | null {
  const [answers, setAnswers] = useState<Answers | null>(null);
  const settled = useSettled(question, PAUSE);
  const fail = useFailure();
  const mode = settled === question ? "full" : "lexical";
  useEffect(() => {
    const q = question.trim();
    const abort = new AbortController();
    if (q) {
      post<Answers>("/search", { q, mode }, abort.signal).then(setAnswers, (error: unknown) => {
        if (!abort.signal.aborted) fail(error);
      });
    }
    return () => abort.abort();
  }, [question, mode, fail]);
  return question.trim() ? answers : null;
}

/** The verdicts on what the caller told so far. */
export function useFirm(facts: Facts, programmes: string[]): Firm | null {
  const [firm, setFirm] = useState<Firm | null>(null);
  const fail = useFailure();
  const key = JSON.stringify([facts, programmes]);
  useEffect(() => {
    const [told, ids] = JSON.parse(key) as [Facts, string[]];
    const abort = new AbortController();
    if (ids.length || Object.keys(told).length) {
      const body = { facts: told, programme_ids: ids };
      post<Firm>("/firm", body, abort.signal).then(setFirm, (error: unknown) => {
        if (!abort.signal.aborted) fail(error);
      });
    }
    return () => abort.abort();
  }, [key, fail]);
  return firm;
}

export type Used = { question: string; card: Card };

/** The call itself; `renew` begins the next one. */
export function useCall() {
  const [question, setQuestion] = useState("");
  const [facts, setFacts] = useState<Facts>({});
  const [used, setUsed] = useState<Used[]>([]);
  const [number, setNumber] = useState(1);
  const begun = useRef(false);
  return {
    question,
    setQuestion: (text: string) => {
      begun.current = true;
      setQuestion(text);
    },
    facts,
    setFact: (id: string, value: FactValue | undefined) =>
      setFacts((before) => {
        const told = Object.entries(before).filter(([key]) => key !== id);
        return Object.fromEntries(value === undefined ? told : [...told, [id, value]]);
      }),
    used,
    use: (card: Card) =>
      setUsed((before) =>
        before.some((one) => one.card.id === card.id) ? before : [...before, { question, card }],
      ),
    number,
    renew: () => {
      setQuestion("");
      setFacts({});
      setUsed([]);
      setNumber((n) => n + 1);
    },
  };
}

export type Call = ReturnType<typeof useCall>;
