package redis

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

var Nil error

type Options struct {
	Network         string
	Addr            string
	ClientName      string
	Dialer          func(ctx context.Context, network string, addr string) (net.Conn, error)
	OnConnect       func(ctx context.Context, cn *Conn) error
	Protocol        int
	Username        string
	Password        string
	DB              int
	MaxRetries      int
	DialTimeout     time.Duration
	ReadTimeout     time.Duration
	WriteTimeout    time.Duration
	PoolFIFO        bool
	PoolSize        int
	PoolTimeout     time.Duration
	MinIdleConns    int
	MaxIdleConns    int
	MaxActiveConns  int
	ConnMaxIdleTime time.Duration
	ConnMaxLifetime time.Duration
	TLSConfig       *tls.Config
}

type ClusterOptions struct {
	Addrs        []string
	Username     string
	Password     string
	PoolSize     int
	DialTimeout  time.Duration
	ReadTimeout  time.Duration
	WriteTimeout time.Duration
	TLSConfig    *tls.Config
}

type FailoverOptions struct {
	MasterName    string
	SentinelAddrs []string
	Password      string
	DB            int
	PoolSize      int
}

type UniversalOptions struct {
	Addrs      []string
	DB         int
	Username   string
	Password   string
	PoolSize   int
	MasterName string
}

type RingOptions struct {
	Addrs    map[string]string
	Password string
	DB       int
	PoolSize int
}

type cmdable struct{ _ int }

type Client struct {
	cmdable
	_ int
}

type ClusterClient struct {
	cmdable
	_ int
}

type Ring struct {
	cmdable
	_ int
}

type Conn struct {
	cmdable
	_ int
}

type UniversalClient interface {
	Ping(ctx context.Context) *StatusCmd
	Get(ctx context.Context, key string) *StringCmd
	Set(ctx context.Context, key string, value any, expiration time.Duration) *StatusCmd
	Del(ctx context.Context, keys ...string) *IntCmd
	Subscribe(ctx context.Context, channels ...string) *PubSub
	Close() error
}

func NewClient(opt *Options) *Client
func NewClusterClient(opt *ClusterOptions) *ClusterClient
func NewFailoverClient(failoverOpt *FailoverOptions) *Client
func NewUniversalClient(opts *UniversalOptions) UniversalClient
func NewRing(opt *RingOptions) *Ring
func ParseURL(redisURL string) (*Options, error)

func (cmdable) Ping(ctx context.Context) *StatusCmd
func (cmdable) Get(ctx context.Context, key string) *StringCmd
func (cmdable) Set(ctx context.Context, key string, value any, expiration time.Duration) *StatusCmd
func (cmdable) SetNX(ctx context.Context, key string, value any, expiration time.Duration) *BoolCmd
func (cmdable) Del(ctx context.Context, keys ...string) *IntCmd
func (cmdable) Exists(ctx context.Context, keys ...string) *IntCmd
func (cmdable) Incr(ctx context.Context, key string) *IntCmd
func (cmdable) Expire(ctx context.Context, key string, expiration time.Duration) *BoolCmd
func (cmdable) HGet(ctx context.Context, key string, field string) *StringCmd
func (cmdable) HSet(ctx context.Context, key string, values ...any) *IntCmd
func (cmdable) LPush(ctx context.Context, key string, values ...any) *IntCmd
func (cmdable) Publish(ctx context.Context, channel string, message any) *IntCmd

func (*Client) Close() error
func (*Client) Options() *Options
func (*Client) Subscribe(ctx context.Context, channels ...string) *PubSub
func (*Client) WithTimeout(timeout time.Duration) *Client
func (*ClusterClient) Close() error
func (*ClusterClient) Subscribe(ctx context.Context, channels ...string) *PubSub
func (*Ring) Close() error
func (*Ring) Subscribe(ctx context.Context, channels ...string) *PubSub
func (*Conn) Close() error

type StatusCmd struct{ _ int }

func (*StatusCmd) Err() error
func (*StatusCmd) Val() string
func (*StatusCmd) Result() (string, error)

type StringCmd struct{ _ int }

func (*StringCmd) Err() error
func (*StringCmd) Val() string
func (*StringCmd) Result() (string, error)
func (*StringCmd) Bytes() ([]byte, error)
func (*StringCmd) Int() (int, error)

type IntCmd struct{ _ int }

func (*IntCmd) Err() error
func (*IntCmd) Val() int64
func (*IntCmd) Result() (int64, error)

type BoolCmd struct{ _ int }

func (*BoolCmd) Err() error
func (*BoolCmd) Val() bool
func (*BoolCmd) Result() (bool, error)

type Message struct {
	Channel string
	Pattern string
	Payload string
}

type PubSub struct{ _ int }

func (*PubSub) Close() error
func (*PubSub) Channel() <-chan *Message
func (*PubSub) ReceiveMessage(ctx context.Context) (*Message, error)
