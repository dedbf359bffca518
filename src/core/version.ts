/** The version of Seqwright, as model files record who wrote them; a test holds it to package.json. */
export const version = '0.1.0';
