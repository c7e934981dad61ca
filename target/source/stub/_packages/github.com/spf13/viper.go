package viper

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
)

func AddConfigPath(in string)
func AddRemoteProvider(provider string, endpoint string, path string) error
func AddSecureRemoteProvider(provider string, endpoint string, path string, secretkeyring string) error
func AllKeys() []string
func AllSettings() map[string]any
func AllowEmptyEnv(allowEmptyEnv bool)
func AutomaticEnv()
func BindEnv(input ...string) error
func BindFlagValue(key string, flag FlagValue) error
func BindFlagValues(flags FlagValueSet) error
func BindPFlag(key string, flag any) error
func BindPFlags(flags any) error

type Codec interface {
	Encoder
	Decoder
}
type CodecRegistry interface {
	EncoderRegistry
	DecoderRegistry
}
type ConfigFileAlreadyExistsError string

func (ConfigFileAlreadyExistsError) Error() string

type ConfigFileNotFoundError struct {
	_ int
}

func (ConfigFileNotFoundError) Error() string
func ConfigFileUsed() string

type ConfigMarshalError struct {
	_ int
}

func (ConfigMarshalError) Error() string

type ConfigParseError struct {
	_ int
}

func (ConfigParseError) Error() string
func (ConfigParseError) Unwrap() error
func Debug()
func DebugTo(w io.Writer)
func DecodeHook(hook any) DecoderConfigOption

type Decoder interface {
	Decode(b []byte, v map[string]any) error
}
type DecoderConfigOption func(any)
type DecoderRegistry interface {
	Decoder(format string) (Decoder, error)
}
type DefaultCodecRegistry struct {
	_ int
}

func (*DefaultCodecRegistry) RegisterCodec(format string, codec Codec) error
func (*DefaultCodecRegistry) Encoder(format string) (Encoder, error)
func (*DefaultCodecRegistry) Decoder(format string) (Decoder, error)

type Encoder interface {
	Encode(v map[string]any) ([]byte, error)
}
type EncoderRegistry interface {
	Encoder(format string) (Encoder, error)
}

func EnvKeyReplacer(r StringReplacer) Option
func ExperimentalBindStruct() Option
func ExperimentalFinder() Option

type Finder interface {
	Find(fsys any) ([]string, error)
}

func Finders(finders ...Finder) Finder

type FlagValue interface {
	HasChanged() bool
	Name() string
	ValueString() string
	ValueType() string
}
type FlagValueSet interface{ VisitAll(fn func(FlagValue)) }

func Get(key string) any
func GetBool(key string) bool
func GetDuration(key string) time.Duration
func GetEnvPrefix() string
func GetFloat64(key string) float64
func GetInt(key string) int
func GetInt32(key string) int32
func GetInt64(key string) int64
func GetIntSlice(key string) []int
func GetSizeInBytes(key string) uint
func GetString(key string) string
func GetStringMap(key string) map[string]any
func GetStringMapString(key string) map[string]string
func GetStringMapStringSlice(key string) map[string][]string
func GetStringSlice(key string) []string
func GetTime(key string) time.Time
func GetUint(key string) uint
func GetUint16(key string) uint16
func GetUint32(key string) uint32
func GetUint64(key string) uint64
func GetUint8(key string) uint8
func GetViper() *Viper
func InConfig(key string) bool
func IsSet(key string) bool
func KeyDelimiter(d string) Option
func MergeConfig(in io.Reader) error
func MergeConfigMap(cfg map[string]any) error
func MergeInConfig() error
func MustBindEnv(input ...string)
func New() *Viper
func NewCodecRegistry() *DefaultCodecRegistry
func NewWithOptions(opts ...Option) *Viper
func OnConfigChange(run func(in any))

type Option interface{ apply(v *Viper) }

func ReadConfig(in io.Reader) error
func ReadInConfig() error
func ReadRemoteConfig() error
func RegisterAlias(alias string, key string)

var RemoteConfig remoteConfigFactory

type RemoteConfigError string

func (RemoteConfigError) Error() string

type RemoteProvider interface {
	Endpoint() string
	Path() string
	Provider() string
	SecretKeyring() string
}
type RemoteResponse struct {
	Value []byte
	Error error
}

func Reset()
func SafeWriteConfig() error
func SafeWriteConfigAs(filename string) error
func Set(key string, value any)
func SetConfigFile(in string)
func SetConfigName(in string)
func SetConfigPermissions(perm os.FileMode)
func SetConfigType(in string)
func SetDefault(key string, value any)
func SetEnvKeyReplacer(r *strings.Replacer)
func SetEnvPrefix(in string)
func SetFs(fs any)
func SetOptions(opts ...Option)
func SetTypeByDefaultValue(enable bool)

type StringReplacer interface{ Replace(s string) string }

func Sub(key string) *Viper

var SupportedExts []string
var SupportedRemoteProviders []string

func Unmarshal(rawVal any, opts ...DecoderConfigOption) error
func UnmarshalExact(rawVal any, opts ...DecoderConfigOption) error
func UnmarshalKey(key string, rawVal any, opts ...DecoderConfigOption) error

type UnsupportedConfigError string

func (UnsupportedConfigError) Error() string

type UnsupportedRemoteProviderError string

func (UnsupportedRemoteProviderError) Error() string

type Viper struct {
	_ int
}

func (*Viper) AddRemoteProvider(provider string, endpoint string, path string) error
func (*Viper) AddSecureRemoteProvider(provider string, endpoint string, path string, secretkeyring string) error
func (*Viper) ReadRemoteConfig() error
func (*Viper) WatchRemoteConfig() error
func (*Viper) WatchRemoteConfigOnChannel() error
func (*Viper) OnConfigChange(run func(in any))
func (*Viper) WatchConfig()
func (*Viper) SetConfigFile(in string)
func (*Viper) SetEnvPrefix(in string)
func (*Viper) GetEnvPrefix() string
func (*Viper) AllowEmptyEnv(allowEmptyEnv bool)
func (*Viper) ConfigFileUsed() string
func (*Viper) AddConfigPath(in string)
func (*Viper) SetTypeByDefaultValue(enable bool)
func (*Viper) Get(key string) any
func (*Viper) Sub(key string) *Viper
func (*Viper) GetString(key string) string
func (*Viper) GetBool(key string) bool
func (*Viper) GetInt(key string) int
func (*Viper) GetInt32(key string) int32
func (*Viper) GetInt64(key string) int64
func (*Viper) GetUint8(key string) uint8
func (*Viper) GetUint(key string) uint
func (*Viper) GetUint16(key string) uint16
func (*Viper) GetUint32(key string) uint32
func (*Viper) GetUint64(key string) uint64
func (*Viper) GetFloat64(key string) float64
func (*Viper) GetTime(key string) time.Time
func (*Viper) GetDuration(key string) time.Duration
func (*Viper) GetIntSlice(key string) []int
func (*Viper) GetStringSlice(key string) []string
func (*Viper) GetStringMap(key string) map[string]any
func (*Viper) GetStringMapString(key string) map[string]string
func (*Viper) GetStringMapStringSlice(key string) map[string][]string
func (*Viper) GetSizeInBytes(key string) uint
func (*Viper) UnmarshalKey(key string, rawVal any, opts ...DecoderConfigOption) error
func (*Viper) Unmarshal(rawVal any, opts ...DecoderConfigOption) error
func (*Viper) UnmarshalExact(rawVal any, opts ...DecoderConfigOption) error
func (*Viper) BindPFlags(flags any) error
func (*Viper) BindPFlag(key string, flag any) error
func (*Viper) BindFlagValues(flags FlagValueSet) (err error)
func (*Viper) BindFlagValue(key string, flag FlagValue) error
func (*Viper) BindEnv(input ...string) error
func (*Viper) MustBindEnv(input ...string)
func (*Viper) IsSet(key string) bool
func (*Viper) AutomaticEnv()
func (*Viper) SetEnvKeyReplacer(r *strings.Replacer)
func (*Viper) RegisterAlias(alias string, key string)
func (*Viper) InConfig(key string) bool
func (*Viper) SetDefault(key string, value any)
func (*Viper) Set(key string, value any)
func (*Viper) ReadInConfig() error
func (*Viper) MergeInConfig() error
func (*Viper) ReadConfig(in io.Reader) error
func (*Viper) MergeConfig(in io.Reader) error
func (*Viper) MergeConfigMap(cfg map[string]any) error
func (*Viper) WriteConfig() error
func (*Viper) SafeWriteConfig() error
func (*Viper) WriteConfigAs(filename string) error
func (*Viper) WriteConfigTo(w io.Writer) error
func (*Viper) SafeWriteConfigAs(filename string) error
func (*Viper) AllKeys() []string
func (*Viper) AllSettings() map[string]any
func (*Viper) SetFs(fs any)
func (*Viper) SetConfigName(in string)
func (*Viper) SetConfigType(in string)
func (*Viper) SetConfigPermissions(perm os.FileMode)
func (*Viper) Debug()
func (*Viper) DebugTo(w io.Writer)
func WatchConfig()
func WatchRemoteConfig() error
func WithCodecRegistry(r CodecRegistry) Option
func WithDecodeHook(h any) Option
func WithDecoderRegistry(r DecoderRegistry) Option
func WithEncoderRegistry(r EncoderRegistry) Option
func WithFinder(f Finder) Option
func WithLogger(l *slog.Logger) Option
func WriteConfig() error
func WriteConfigAs(filename string) error
func WriteConfigTo(w io.Writer) error

type remoteConfigFactory interface {
	Get(rp RemoteProvider) (io.Reader, error)
	Watch(rp RemoteProvider) (io.Reader, error)
	WatchChannel(rp RemoteProvider) (<-chan *RemoteResponse, chan bool)
}
