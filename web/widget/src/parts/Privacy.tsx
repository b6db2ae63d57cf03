import { texts } from "../texts";

/** What is collected, why, for how long, and how to see, correct and delete it. */
export function PrivacyWords({ days }: { days: number }) {
  const { rows, how, local } = texts.privacy;
  return (
    <dl className="privacy">
      {[...rows, texts.privacy.days(days), how, local].map(([name, words]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Shown before anything is collected. */
export function PrivacyGate({ days, onAgree }: { days: number; onAgree: () => void }) {
  return (
    <section className="gate" aria-labelledby="gate-title">
      <h2 id="gate-title">{texts.privacy.title}</h2>
      <PrivacyWords days={days} />
      <button type="button" className="primary wide" onClick={onAgree}>
        {texts.privacy.agree}
      </button>
    </section>
  );
}
