import { encode } from "uqr";
import { texts } from "../texts";
import { Dialog } from "./Dialog";

/** A QR code that leads a phone to the same page. */
export function PhoneDialog({ onClose }: { onClose: () => void }) {
  const address = new URL("/chat/", location.href).href;
  const { data, size } = encode(address, { ecc: "M", border: 3 });
  const path = data
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <Dialog title={texts.menu.phone} onClose={onClose}>
      <p>{texts.phone.about}</p>
      <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={texts.phone.label}>
        <rect width={size} height={size} fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
      <p className="address">{address}</p>
    </Dialog>
  );
}
