/** The button of a passkey is there where the browser knows passkeys. */

const button = document.getElementById("passkey_login");

if (button && "PublicKeyCredential" in window) {
  button.hidden = false;
}
