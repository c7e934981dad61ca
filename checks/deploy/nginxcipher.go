package deploy

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// ciphers.txt is what `openssl ciphers ALL:COMPLEMENTOFALL` of OpenSSL 3 lists; those of TLS 1.3 (TLS_...) are set otherwise.
//
//go:embed ciphers.txt
var cipherList string

var cipherNames = strings.Fields(cipherList)

// cipherWords stand for groups of ciphers (openssl-ciphers(1)).
var cipherWords = strings.Fields(`DEFAULT COMPLEMENTOFDEFAULT ALL COMPLEMENTOFALL HIGH MEDIUM LOW EXP EXPORT EXPORT40 EXPORT56 eNULL NULL aNULL kRSA aRSA RSA
	kDHr kDHd kDH kDHE kEDH DH DHE EDH ADH kEECDH kECDHE ECDH ECDHE EECDH AECDH aDSS DSS aDH aECDSA ECDSA TLSv1.2 TLSv1.1 TLSv1.0 TLSv1 SSLv3 SSLv2
	AES128 AES256 AES AESGCM AESCCM AESCCM8 ARIA128 ARIA256 ARIA CAMELLIA128 CAMELLIA256 CAMELLIA CHACHA20 3DES DES RC4 RC2 IDEA SEED MD5 SHA1 SHA
	SHA256 SHA384 aGOST aGOST01 aGOST12 kGOST GOST94 GOST89MAC PSK kPSK kECDHEPSK kDHEPSK kRSAPSK aPSK SUITEB128 SUITEB128ONLY SUITEB192 FIPS SRP kSRP aSRP
	kECDH kECDHe kECDHr aECDH CBC FZA AECDH kFZA STRENGTH`)

// ciphers judges ssl_ciphers: OpenSSL passes over names that it does not know, unless nothing is left.
func (n *nginxFile) ciphers(d *artefact.Directive) {
	arg := d.Arg(0)
	if strings.ContainsAny(arg.Value, "$=") || arg.Value == "" {
		return
	}
	var unknown []string
	good := 0
	for _, token := range strings.FieldsFunc(arg.Value, func(r rune) bool { return r == ':' || r == ',' || r == ' ' || r == ';' }) {
		switch {
		case strings.ContainsAny(token[:1], "!-+@"):
		case knownCipher(token):
			good++
		default:
			unknown = append(unknown, token)
		}
	}
	if len(unknown) == 0 {
		return
	}
	f := checks.Finding{
		Message: checks.Msg("OpenSSL knows no cipher called %s", strings.Join(unknown, ", ")),
		Why:     checks.Msg("nginx does not start: no cipher match."),
		Help:    checks.Msg("leave ssl_ciphers out, or name ciphers of openssl ciphers -v"),
		Key:     "ciphers " + strings.Join(unknown, ":"),
	}
	if good > 0 {
		if !slices.ContainsFunc(unknown, func(u string) bool { return nearCipher(u) != "" }) {
			return // older names that this OpenSSL has dropped; it passes over them
		}
		f.Severity = checks.Warning
		f.Why = checks.Msg("OpenSSL passes over such a name without a word: the cipher is not offered.")
	}
	mended, ok := arg.Value, false
	for _, u := range unknown {
		if near := nearCipher(u); near != "" {
			mended, ok = replaceToken(mended, u, near), true
			f.Help = checks.Msg("write %s", near)
		}
	}
	if ok {
		f.Fix = n.write(arg, mended, plan.Safe)
	}
	n.at(arg.Span, f)
}

func knownCipher(token string) bool {
	if strings.HasPrefix(token, "TLS_") {
		return false // of TLS 1.3, which ssl_ciphers does not set
	}
	if slices.Contains(cipherNames, token) || slices.Contains(cipherWords, token) {
		return true
	}
	parts := strings.Split(token, "+")
	return len(parts) > 1 && !slices.ContainsFunc(parts, func(p string) bool { return !slices.Contains(cipherWords, p) })
}

// nearCipher is the cipher that a name must stand for: a wrong digest is the usual slip, since GCM goes with SHA384 or SHA256 only.
func nearCipher(name string) string {
	if strings.HasPrefix(name, "TLS_") || dropped.MatchString(name) {
		return ""
	}
	best, distance := "", 4
	for _, known := range cipherNames {
		if d := levenshtein.ComputeDistance(known, name); d < distance {
			best, distance = known, d
		}
	}
	return best
}

// dropped are ciphers that older versions of OpenSSL had.
var dropped = lazyregexp.New(`RC[24]|DES|SEED|IDEA|EXP|GOST|KRB5|FZA`)

// replaceToken replaces one name of a list, and leaves it out where the list has the other name already.
func replaceToken(list, old, name string) string {
	tokens := strings.Split(list, ":")
	if slices.Contains(tokens, name) {
		return strings.Join(slices.DeleteFunc(tokens, func(t string) bool { return t == old }), ":")
	}
	for i, t := range tokens {
		if t == old {
			tokens[i] = name
		}
	}
	return strings.Join(tokens, ":")
}
