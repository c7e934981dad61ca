package dial

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// The numbers of the first message (PostgreSQL, Frontend/Backend Protocol, Message Formats).
const (
	sslRequest = 80877103
	protocol3  = 196608
)

// postgres asks for TLS, logs in, and says goodbye. Without a user it is enough that the server answers as PostgreSQL does.
func (s *session) postgres() *Failure {
	if s.e.Security != Plain && s.e.Socket == "" || s.e.User == "" {
		if failure := s.postgresTLS(); failure != nil || s.e.User == "" {
			return failure
		}
	}
	startup := binary.BigEndian.AppendUint32(nil, protocol3)
	startup = append(startup, "user\x00"+s.e.User+"\x00"...)
	if s.e.Database != "" {
		startup = append(startup, "database\x00"+s.e.Database+"\x00"...)
	}
	startup = append(startup, 0)
	if failure := s.send(append(binary.BigEndian.AppendUint32(nil, uint32(len(startup)+4)), startup...)); failure != nil {
		return failure
	}
	return s.postgresLogin()
}

func (s *session) postgresTLS() *Failure {
	ask := binary.BigEndian.AppendUint32([]byte{0, 0, 0, 8}, sslRequest)
	if failure := s.send(ask); failure != nil {
		return failure
	}
	answer, failure := s.read(1)
	if failure != nil {
		return failure
	}
	switch {
	case answer[0] == 'S' && s.e.Security == Plain, answer[0] == 'N' && s.e.Security < Required:
		return nil
	case answer[0] == 'S':
		return s.secure()
	case answer[0] == 'N':
		return &Failure{Step: Secure, Reason: "the server has no TLS, and the connection is to have it"}
	case answer[0] == 'E':
		return &Failure{Step: Handshake, Reason: "the server turns the connection away"}
	}
	return s.stranger()
}

// postgresMessage reads one message of the server.
func (s *session) postgresMessage() (kind byte, body []byte, failure *Failure) {
	head, failure := s.read(5)
	if failure != nil {
		return 0, nil, failure
	}
	body, failure = s.read(int(binary.BigEndian.Uint32(head[1:])) - 4)
	return head[0], body, failure
}

func (s *session) postgresSend(kind byte, body []byte) *Failure {
	out := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))
	return s.send(append(out, body...))
}

func (s *session) postgresLogin() *Failure {
	var scram *scramClient
	for range 100 {
		kind, body, failure := s.postgresMessage()
		if failure != nil {
			return failure
		}
		switch kind {
		case 'E':
			return postgresError(body)
		case 'Z': // ready for a query
			s.postgresSend('X', nil)
			return nil
		case 'R':
			if len(body) < 4 {
				return s.stranger()
			}
			done, failure := s.authenticate(body, &scram)
			if failure != nil || done {
				return failure
			}
		case 'S', 'K', 'N', 'v': // parameters, the key for cancelling, notices
		default:
			return s.stranger()
		}
	}
	return s.stranger()
}

// authenticate answers one request of the server for proof; done tells that no more can be tried: there is no password, or it is a
// way that is not known here.
func (s *session) authenticate(body []byte, scram **scramClient) (done bool, failure *Failure) {
	code := binary.BigEndian.Uint32(body)
	if code != 0 && s.e.Password == "" {
		return true, nil
	}
	switch code {
	case 0:
		return false, nil
	case 3: // in clear
		return false, s.postgresSend('p', []byte(s.e.Password+"\x00"))
	case 5: // MD5
		if len(body) < 8 {
			return false, s.stranger()
		}
		return false, s.postgresSend('p', []byte("md5"+md5Hex(md5Hex(s.e.Password+s.e.User)+string(body[4:8]))+"\x00"))
	case 10: // SASL
		if !strings.Contains(string(body[4:]), "SCRAM-SHA-256\x00") {
			return true, nil
		}
		*scram = newScram(s.e.Password)
		first := (*scram).first()
		out := append([]byte("SCRAM-SHA-256\x00"), binary.BigEndian.AppendUint32(nil, uint32(len(first)))...)
		return false, s.postgresSend('p', append(out, first...))
	case 11:
		if *scram == nil {
			return false, s.stranger()
		}
		final, err := (*scram).final(string(body[4:]))
		if err != nil {
			return false, s.stranger()
		}
		return false, s.postgresSend('p', []byte(final))
	case 12:
		return false, nil
	}
	return true, nil
}

func md5Hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// postgresError is the message of the server, by its code (PostgreSQL, Error Codes).
func postgresError(body []byte) *Failure {
	fields := map[byte]string{}
	for _, field := range strings.Split(string(body), "\x00") {
		if field != "" {
			fields[field[0]] = field[1:]
		}
	}
	f := &Failure{Step: Handshake, Reason: line(fields['M'])}
	switch code := fields['C']; {
	case strings.HasPrefix(code, "28"), code == "3D000": // invalid authorization, no such database
		f.Step = Login
	}
	return f
}

// scramClient is the client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding.
type scramClient struct{ password, nonce string }

func newScram(password string) *scramClient {
	nonce := make([]byte, 18)
	rand.Read(nonce)
	return &scramClient{password, base64.StdEncoding.EncodeToString(nonce)}
}

func (c *scramClient) bare() string { return "n=,r=" + c.nonce }

func (c *scramClient) first() string { return "n,," + c.bare() }

// maxIterations bounds what a server may have us compute.
const maxIterations = 200_000

func (c *scramClient) final(server string) (string, error) {
	parts := map[string]string{}
	for _, p := range strings.Split(server, ",") {
		key, value, _ := strings.Cut(p, "=")
		parts[key] = value
	}
	salt, err := base64.StdEncoding.DecodeString(parts["s"])
	if err != nil || !strings.HasPrefix(parts["r"], c.nonce) {
		return "", fmt.Errorf("not SCRAM: %w", err)
	}
	iterations, err := strconv.Atoi(parts["i"])
	if err != nil || iterations < 1 || iterations > maxIterations {
		return "", fmt.Errorf("iterations: %w", err)
	}
	salted, err := pbkdf2.Key(sha256.New, c.password, salt, iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	clientKey := mac(salted, "Client Key")
	stored := sha256.Sum256(clientKey)
	without := "c=biws,r=" + parts["r"]
	signature := mac(stored[:], c.bare()+","+server+","+without)
	for i := range clientKey {
		clientKey[i] ^= signature[i]
	}
	return without + ",p=" + base64.StdEncoding.EncodeToString(clientKey), nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
