package pgconn

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"time"
)

type AfterConnectFunc func(ctx context.Context, pgconn *PgConn) error
type Batch struct {
	_ int
}

func (*Batch) ExecParams(sql string, paramValues [][]byte, paramOIDs []uint32, paramFormats []int16, resultFormats []int16)
func (*Batch) ExecPrepared(stmtName string, paramValues [][]byte, paramFormats []int16, resultFormats []int16)
func (*Batch) ExecStatement(statementDescription *StatementDescription, paramValues [][]byte, paramFormats []int16, resultFormats []int16)

type BuildFrontendFunc func(r io.Reader, w io.Writer) any
type CancelRequestContextWatcherHandler struct {
	Conn               *PgConn
	CancelRequestDelay time.Duration
	DeadlineDelay      time.Duration
	_                  int
}

func (*CancelRequestContextWatcherHandler) HandleCancel(context.Context)
func (*CancelRequestContextWatcherHandler) HandleUnwatchAfterCancel()

type CloseComplete struct {
}
type CommandTag struct {
	_ int
}

func (CommandTag) RowsAffected() int64
func (CommandTag) String() string
func (CommandTag) Insert() bool
func (CommandTag) Update() bool
func (CommandTag) Delete() bool
func (CommandTag) Select() bool

type Config struct {
	Host                       string
	Port                       uint16
	Database                   string
	User                       string
	Password                   string
	TLSConfig                  *tls.Config
	ConnectTimeout             time.Duration
	DialFunc                   DialFunc
	LookupFunc                 LookupFunc
	BuildFrontend              BuildFrontendFunc
	MaxProtocolMessageBodyLen  int
	BuildContextWatcherHandler func(*PgConn) any
	RuntimeParams              map[string]string
	KerberosSrvName            string
	KerberosSpn                string
	Fallbacks                  []*FallbackConfig
	SSLNegotiation             string
	SSLCertMode                string
	AfterNetConnect            func(ctx context.Context, config *Config, conn net.Conn) (net.Conn, error)
	ValidateConnect            ValidateConnectFunc
	AfterConnect               AfterConnectFunc
	OnNotice                   NoticeHandler
	OnNotification             NotificationHandler
	OnPgError                  PgErrorHandler
	OAuthTokenProvider         func(context.Context) (string, error)
	MinProtocolVersion         string
	MaxProtocolVersion         string
	ChannelBinding             string
	RequireAuth                string
	_                          int
}

func (*Config) Copy() *Config
func Connect(ctx context.Context, connString string) (*PgConn, error)
func ConnectConfig(ctx context.Context, config *Config) (*PgConn, error)

type ConnectError struct {
	Config *Config
	_      int
}

func (*ConnectError) Error() string
func (*ConnectError) Unwrap() error
func ConnectWithOptions(ctx context.Context, connString string, parseConfigOptions ParseConfigOptions) (*PgConn, error)
func Construct(hc *HijackedConn) (*PgConn, error)

type DeadlineContextWatcherHandler struct {
	Conn          net.Conn
	DeadlineDelay time.Duration
}

func (*DeadlineContextWatcherHandler) HandleCancel(ctx context.Context)
func (*DeadlineContextWatcherHandler) HandleUnwatchAfterCancel()

type DialFunc func(ctx context.Context, network string, addr string) (net.Conn, error)

var ErrConnClosed error
var ErrPrimaryConnection error
var ErrReadOnlyConnection error
var ErrReadWriteConnection error
var ErrStandbyConnection error

func ErrorResponseToPgError(msg any) *PgError

type FallbackConfig struct {
	Host      string
	Port      uint16
	TLSConfig *tls.Config
}
type FieldDescription struct {
	Name                 string
	TableOID             uint32
	TableAttributeNumber uint16
	DataTypeOID          uint32
	DataTypeSize         int16
	TypeModifier         int32
	Format               int16
}
type GSS interface {
	Continue(inToken []byte) (done bool, outToken []byte, err error)
	GetInitToken(host string, service string) ([]byte, error)
	GetInitTokenFromSPN(spn string) ([]byte, error)
}
type GetSSLPasswordFunc func(ctx context.Context) string
type HijackedConn struct {
	Conn              net.Conn
	TLSConfig         *tls.Config
	PID               uint32
	SecretKey         []byte
	ParameterStatuses map[string]string
	TxStatus          byte
	Frontend          any
	Config            *Config
	CustomData        map[string]any
}
type LookupFunc func(ctx context.Context, host string) (addrs []string, err error)
type MultiResultReader struct {
	_ int
}

func (*MultiResultReader) ReadAll() ([]*Result, error)
func (*MultiResultReader) NextResult() bool
func (*MultiResultReader) ResultReader() *ResultReader
func (*MultiResultReader) Close() error
func NetworkAddress(host string, port uint16) (network string, address string)
func NewCommandTag(s string) CommandTag

type NewGSSFunc func() (GSS, error)

func NewParseConfigError(conn string, msg string, err error) error

type NotPreferredError struct {
	_ int
}

func (*NotPreferredError) Error() string
func (*NotPreferredError) SafeToRetry() bool
func (*NotPreferredError) Unwrap() error

type Notice struct {
	Severity            string
	SeverityUnlocalized string
	Code                string
	Message             string
	Detail              string
	Hint                string
	Position            int32
	InternalPosition    int32
	InternalQuery       string
	Where               string
	SchemaName          string
	TableName           string
	ColumnName          string
	DataTypeName        string
	ConstraintName      string
	File                string
	Line                int32
	Routine             string
}
type NoticeHandler func(*PgConn, *Notice)
type Notification struct {
	PID     uint32
	Channel string
	Payload string
}
type NotificationHandler func(*PgConn, *Notification)

func ParseConfig(connString string) (*Config, error)

type ParseConfigError struct {
	ConnString string
	_          int
}

func (*ParseConfigError) Error() string
func (*ParseConfigError) Unwrap() error

type ParseConfigOptions struct {
	GetSSLPassword        GetSSLPasswordFunc
	ConnStringAllowedKeys []string
}

func ParseConfigWithOptions(connString string, options ParseConfigOptions) (*Config, error)

type PgConn struct {
	_ int
}

func (*PgConn) ReceiveMessage(ctx context.Context) (any, error)
func (*PgConn) Conn() net.Conn
func (*PgConn) PID() uint32
func (*PgConn) TxStatus() byte
func (*PgConn) SecretKey() []byte
func (*PgConn) Frontend() any
func (*PgConn) Close(ctx context.Context) error
func (*PgConn) CleanupDone() chan struct{}
func (*PgConn) IsClosed() bool
func (*PgConn) IsBusy() bool
func (*PgConn) ParameterStatus(key string) string
func (*PgConn) Prepare(ctx context.Context, name string, sql string, paramOIDs []uint32) (*StatementDescription, error)
func (*PgConn) Deallocate(ctx context.Context, name string) error
func (*PgConn) CancelRequest(ctx context.Context) error
func (*PgConn) WaitForNotification(ctx context.Context) error
func (*PgConn) Exec(ctx context.Context, sql string) *MultiResultReader
func (*PgConn) ExecParams(ctx context.Context, sql string, paramValues [][]byte, paramOIDs []uint32, paramFormats []int16, resultFormats []int16) *ResultReader
func (*PgConn) ExecPrepared(ctx context.Context, stmtName string, paramValues [][]byte, paramFormats []int16, resultFormats []int16) *ResultReader
func (*PgConn) ExecStatement(ctx context.Context, statementDescription *StatementDescription, paramValues [][]byte, paramFormats []int16, resultFormats []int16) *ResultReader
func (*PgConn) CopyTo(ctx context.Context, w io.Writer, sql string) (CommandTag, error)
func (*PgConn) CopyFrom(ctx context.Context, r io.Reader, sql string) (CommandTag, error)
func (*PgConn) ExecBatch(ctx context.Context, batch *Batch) *MultiResultReader
func (*PgConn) EscapeString(s string) (string, error)
func (*PgConn) CheckConn() error
func (*PgConn) Ping(ctx context.Context) error
func (*PgConn) SyncConn(ctx context.Context) error
func (*PgConn) CustomData() map[string]any
func (*PgConn) Hijack() (*HijackedConn, error)
func (*PgConn) StartPipeline(ctx context.Context) *Pipeline

type PgError struct {
	Severity            string
	SeverityUnlocalized string
	Code                string
	Message             string
	Detail              string
	Hint                string
	Position            int32
	InternalPosition    int32
	InternalQuery       string
	Where               string
	SchemaName          string
	TableName           string
	ColumnName          string
	DataTypeName        string
	ConstraintName      string
	File                string
	Line                int32
	Routine             string
}

func (*PgError) Error() string
func (*PgError) SQLState() string

type PgErrorHandler func(*PgConn, *PgError) bool
type Pipeline struct {
	_ int
}

func (*Pipeline) SendPrepare(name string, sql string, paramOIDs []uint32)
func (*Pipeline) SendDeallocate(name string)
func (*Pipeline) SendQueryParams(sql string, paramValues [][]byte, paramOIDs []uint32, paramFormats []int16, resultFormats []int16)
func (*Pipeline) SendQueryPrepared(stmtName string, paramValues [][]byte, paramFormats []int16, resultFormats []int16)
func (*Pipeline) SendQueryStatement(statementDescription *StatementDescription, paramValues [][]byte, paramFormats []int16, resultFormats []int16)
func (*Pipeline) SendFlushRequest()
func (*Pipeline) SendPipelineSync()
func (*Pipeline) Flush() error
func (*Pipeline) Sync() error
func (*Pipeline) GetResults() (results any, err error)
func (*Pipeline) Close() error

type PipelineSync struct {
}
type PrepareError struct {
	ParseComplete bool
	_             int
}

func (*PrepareError) Error() string
func (*PrepareError) Unwrap() error
func RegisterGSSProvider(newGSSArg NewGSSFunc)

type Result struct {
	FieldDescriptions []FieldDescription
	Rows              [][][]byte
	CommandTag        CommandTag
	Err               error
}
type ResultReader struct {
	_ int
}

func (*ResultReader) Read() *Result
func (*ResultReader) NextRow() bool
func (*ResultReader) FieldDescriptions() []FieldDescription
func (*ResultReader) Values() [][]byte
func (*ResultReader) Close() (CommandTag, error)
func SafeToRetry(err error) bool

type StatementDescription struct {
	Name      string
	SQL       string
	ParamOIDs []uint32
	Fields    []FieldDescription
}

func Timeout(err error) bool

type ValidateConnectFunc func(ctx context.Context, pgconn *PgConn) error

func ValidateConnectTargetSessionAttrsPreferStandby(ctx context.Context, pgConn *PgConn) error
func ValidateConnectTargetSessionAttrsPrimary(ctx context.Context, pgConn *PgConn) error
func ValidateConnectTargetSessionAttrsReadOnly(ctx context.Context, pgConn *PgConn) error
func ValidateConnectTargetSessionAttrsReadWrite(ctx context.Context, pgConn *PgConn) error
func ValidateConnectTargetSessionAttrsStandby(ctx context.Context, pgConn *PgConn) error
