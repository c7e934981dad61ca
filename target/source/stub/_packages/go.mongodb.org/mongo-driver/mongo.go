package mongo

import (
	"context"
	"go.mongodb.org/mongo-driver/mongo/options"
	"net"
	"time"
)

type BSONAppender interface {
	AppendBSON([]byte, interface{}) ([]byte, error)
}
type BSONAppenderFunc func([]byte, interface{}) ([]byte, error)

func (BSONAppenderFunc) AppendBSON(dst []byte, val interface{}) ([]byte, error)
func BatchCursorFromCursor(c *Cursor) any

type BulkWriteError struct {
	WriteError
	Request WriteModel
}

func (BulkWriteError) Error() string

type BulkWriteException struct {
	WriteConcernError *WriteConcernError
	WriteErrors       []BulkWriteError
	Labels            []string
}

func (BulkWriteException) Error() string
func (BulkWriteException) HasErrorCode(code int) bool
func (BulkWriteException) HasErrorLabel(label string) bool
func (BulkWriteException) HasErrorMessage(message string) bool
func (BulkWriteException) HasErrorCodeWithMessage(code int, message string) bool

type BulkWriteResult struct {
	InsertedCount int64
	MatchedCount  int64
	ModifiedCount int64
	DeletedCount  int64
	UpsertedCount int64
	UpsertedIDs   map[int64]interface{}
}
type ChangeStream struct {
	Current any
	_       int
}

func (*ChangeStream) ID() int64
func (*ChangeStream) RemainingBatchLength() int
func (*ChangeStream) SetBatchSize(size int32)
func (*ChangeStream) Decode(val interface{}) error
func (*ChangeStream) Err() error
func (*ChangeStream) Close(ctx context.Context) error
func (*ChangeStream) ResumeToken() any
func (*ChangeStream) Next(ctx context.Context) bool
func (*ChangeStream) TryNext(ctx context.Context) bool

type Client struct {
	_ int
}

func (*Client) Connect(ctx context.Context) error
func (*Client) Disconnect(ctx context.Context) error
func (*Client) Ping(ctx context.Context, rp any) error
func (*Client) StartSession(opts ...*options.SessionOptions) (Session, error)
func (*Client) Database(name string, opts ...*options.DatabaseOptions) *Database
func (*Client) ListDatabases(ctx context.Context, filter interface{}, opts ...*options.ListDatabasesOptions) (ListDatabasesResult, error)
func (*Client) ListDatabaseNames(ctx context.Context, filter interface{}, opts ...*options.ListDatabasesOptions) ([]string, error)
func (*Client) UseSession(ctx context.Context, fn func(SessionContext) error) error
func (*Client) UseSessionWithOptions(ctx context.Context, opts *options.SessionOptions, fn func(SessionContext) error) error
func (*Client) Watch(ctx context.Context, pipeline interface{}, opts ...*options.ChangeStreamOptions) (*ChangeStream, error)
func (*Client) NumberSessionsInProgress() int
func (*Client) Timeout() *time.Duration

type ClientEncryption struct {
	_ int
}

func (*ClientEncryption) CreateEncryptedCollection(ctx context.Context, db *Database, coll string, createOpts *options.CreateCollectionOptions, kmsProvider string, masterKey interface{}) (*Collection, any, error)
func (*ClientEncryption) AddKeyAltName(ctx context.Context, id any, keyAltName string) *SingleResult
func (*ClientEncryption) CreateDataKey(ctx context.Context, kmsProvider string, opts ...*options.DataKeyOptions) (any, error)
func (*ClientEncryption) Encrypt(ctx context.Context, val any, opts ...*options.EncryptOptions) (any, error)
func (*ClientEncryption) EncryptExpression(ctx context.Context, expr interface{}, result interface{}, opts ...*options.EncryptOptions) error
func (*ClientEncryption) Decrypt(ctx context.Context, val any) (any, error)
func (*ClientEncryption) Close(ctx context.Context) error
func (*ClientEncryption) DeleteKey(ctx context.Context, id any) (*DeleteResult, error)
func (*ClientEncryption) GetKeyByAltName(ctx context.Context, keyAltName string) *SingleResult
func (*ClientEncryption) GetKey(ctx context.Context, id any) *SingleResult
func (*ClientEncryption) GetKeys(ctx context.Context) (*Cursor, error)
func (*ClientEncryption) RemoveKeyAltName(ctx context.Context, id any, keyAltName string) *SingleResult
func (*ClientEncryption) RewrapManyDataKey(ctx context.Context, filter interface{}, opts ...*options.RewrapManyDataKeyOptions) (*RewrapManyDataKeyResult, error)

const ClientStream StreamType = 2

type Collection struct {
	_ int
}

func (*Collection) Clone(opts ...*options.CollectionOptions) (*Collection, error)
func (*Collection) Name() string
func (*Collection) Database() *Database
func (*Collection) BulkWrite(ctx context.Context, models []WriteModel, opts ...*options.BulkWriteOptions) (*BulkWriteResult, error)
func (*Collection) InsertOne(ctx context.Context, document interface{}, opts ...*options.InsertOneOptions) (*InsertOneResult, error)
func (*Collection) InsertMany(ctx context.Context, documents []interface{}, opts ...*options.InsertManyOptions) (*InsertManyResult, error)
func (*Collection) DeleteOne(ctx context.Context, filter interface{}, opts ...*options.DeleteOptions) (*DeleteResult, error)
func (*Collection) DeleteMany(ctx context.Context, filter interface{}, opts ...*options.DeleteOptions) (*DeleteResult, error)
func (*Collection) UpdateByID(ctx context.Context, id interface{}, update interface{}, opts ...*options.UpdateOptions) (*UpdateResult, error)
func (*Collection) UpdateOne(ctx context.Context, filter interface{}, update interface{}, opts ...*options.UpdateOptions) (*UpdateResult, error)
func (*Collection) UpdateMany(ctx context.Context, filter interface{}, update interface{}, opts ...*options.UpdateOptions) (*UpdateResult, error)
func (*Collection) ReplaceOne(ctx context.Context, filter interface{}, replacement interface{}, opts ...*options.ReplaceOptions) (*UpdateResult, error)
func (*Collection) Aggregate(ctx context.Context, pipeline interface{}, opts ...*options.AggregateOptions) (*Cursor, error)
func (*Collection) CountDocuments(ctx context.Context, filter interface{}, opts ...*options.CountOptions) (int64, error)
func (*Collection) EstimatedDocumentCount(ctx context.Context, opts ...*options.EstimatedDocumentCountOptions) (int64, error)
func (*Collection) Distinct(ctx context.Context, fieldName string, filter interface{}, opts ...*options.DistinctOptions) ([]interface{}, error)
func (*Collection) Find(ctx context.Context, filter interface{}, opts ...*options.FindOptions) (cur *Cursor, err error)
func (*Collection) FindOne(ctx context.Context, filter interface{}, opts ...*options.FindOneOptions) *SingleResult
func (*Collection) FindOneAndDelete(ctx context.Context, filter interface{}, opts ...*options.FindOneAndDeleteOptions) *SingleResult
func (*Collection) FindOneAndReplace(ctx context.Context, filter interface{}, replacement interface{}, opts ...*options.FindOneAndReplaceOptions) *SingleResult
func (*Collection) FindOneAndUpdate(ctx context.Context, filter interface{}, update interface{}, opts ...*options.FindOneAndUpdateOptions) *SingleResult
func (*Collection) Watch(ctx context.Context, pipeline interface{}, opts ...*options.ChangeStreamOptions) (*ChangeStream, error)
func (*Collection) Indexes() IndexView
func (*Collection) SearchIndexes() SearchIndexView
func (*Collection) Drop(ctx context.Context) error

type CollectionSpecification struct {
	Name     string
	Type     string
	ReadOnly bool
	UUID     any
	Options  any
	IDIndex  *IndexSpecification
}

func (*CollectionSpecification) UnmarshalBSON(data []byte) error

const CollectionStream StreamType = 0

type CommandError struct {
	Code    int32
	Message string
	Labels  []string
	Name    string
	Wrapped error
	Raw     any
}

func (CommandError) Error() string
func (CommandError) Unwrap() error
func (CommandError) HasErrorCode(code int) bool
func (CommandError) HasErrorLabel(label string) bool
func (CommandError) HasErrorMessage(message string) bool
func (CommandError) HasErrorCodeWithMessage(code int, message string) bool
func (CommandError) IsMaxTimeMSExpiredError() bool
func Connect(ctx context.Context, opts ...*options.ClientOptions) (*Client, error)

type Cursor struct {
	Current any
	_       int
}

func (*Cursor) ID() int64
func (*Cursor) Next(ctx context.Context) bool
func (*Cursor) TryNext(ctx context.Context) bool
func (*Cursor) Decode(val interface{}) error
func (*Cursor) Err() error
func (*Cursor) Close(ctx context.Context) error
func (*Cursor) All(ctx context.Context, results interface{}) error
func (*Cursor) RemainingBatchLength() int
func (*Cursor) SetBatchSize(batchSize int32)
func (*Cursor) SetMaxTime(dur time.Duration)
func (*Cursor) SetComment(comment interface{})

type Database struct {
	_ int
}

func (*Database) Client() *Client
func (*Database) Name() string
func (*Database) Collection(name string, opts ...*options.CollectionOptions) *Collection
func (*Database) Aggregate(ctx context.Context, pipeline interface{}, opts ...*options.AggregateOptions) (*Cursor, error)
func (*Database) RunCommand(ctx context.Context, runCommand interface{}, opts ...*options.RunCmdOptions) *SingleResult
func (*Database) RunCommandCursor(ctx context.Context, runCommand interface{}, opts ...*options.RunCmdOptions) (*Cursor, error)
func (*Database) Drop(ctx context.Context) error
func (*Database) ListCollectionSpecifications(ctx context.Context, filter interface{}, opts ...*options.ListCollectionsOptions) ([]*CollectionSpecification, error)
func (*Database) ListCollections(ctx context.Context, filter interface{}, opts ...*options.ListCollectionsOptions) (*Cursor, error)
func (*Database) ListCollectionNames(ctx context.Context, filter interface{}, opts ...*options.ListCollectionsOptions) ([]string, error)
func (*Database) ReadConcern() any
func (*Database) ReadPreference() any
func (*Database) WriteConcern() any
func (*Database) Watch(ctx context.Context, pipeline interface{}, opts ...*options.ChangeStreamOptions) (*ChangeStream, error)
func (*Database) CreateCollection(ctx context.Context, name string, opts ...*options.CreateCollectionOptions) error
func (*Database) CreateView(ctx context.Context, viewName string, viewOn string, pipeline interface{}, opts ...*options.CreateViewOptions) error

type DatabaseSpecification struct {
	Name       string
	SizeOnDisk int64
	Empty      bool
}

const DatabaseStream StreamType = 1

type DeleteManyModel struct {
	Filter    interface{}
	Collation *options.Collation
	Hint      interface{}
}

func (*DeleteManyModel) SetFilter(filter interface{}) *DeleteManyModel
func (*DeleteManyModel) SetCollation(collation *options.Collation) *DeleteManyModel
func (*DeleteManyModel) SetHint(hint interface{}) *DeleteManyModel

type DeleteOneModel struct {
	Filter    interface{}
	Collation *options.Collation
	Hint      interface{}
}

func (*DeleteOneModel) SetFilter(filter interface{}) *DeleteOneModel
func (*DeleteOneModel) SetCollation(collation *options.Collation) *DeleteOneModel
func (*DeleteOneModel) SetHint(hint interface{}) *DeleteOneModel

type DeleteResult struct {
	DeletedCount int64
}
type Dialer interface {
	DialContext(ctx context.Context, network string, address string) (net.Conn, error)
}
type EncryptionKeyVaultError struct {
	Wrapped error
}

func (EncryptionKeyVaultError) Error() string
func (EncryptionKeyVaultError) Unwrap() error

var ErrClientDisconnected error
var ErrEmptySlice error
var ErrInvalidIndexValue error

type ErrMapForOrderedArgument struct {
	ParamName string
}

func (ErrMapForOrderedArgument) Error() string

var ErrMissingResumeToken error
var ErrMultipleIndexDrop error
var ErrNilCursor error
var ErrNilDocument error
var ErrNilValue error
var ErrNoDocuments error
var ErrNonStringIndexName error
var ErrUnacknowledgedWrite error
var ErrWrongClient error

type IndexModel struct {
	Keys    interface{}
	Options *options.IndexOptions
}
type IndexOptionsBuilder struct {
	_ int
}

func (*IndexOptionsBuilder) Background(background bool) *IndexOptionsBuilder
func (*IndexOptionsBuilder) ExpireAfterSeconds(expireAfterSeconds int32) *IndexOptionsBuilder
func (*IndexOptionsBuilder) Name(name string) *IndexOptionsBuilder
func (*IndexOptionsBuilder) Sparse(sparse bool) *IndexOptionsBuilder
func (*IndexOptionsBuilder) StorageEngine(storageEngine interface{}) *IndexOptionsBuilder
func (*IndexOptionsBuilder) Unique(unique bool) *IndexOptionsBuilder
func (*IndexOptionsBuilder) Version(version int32) *IndexOptionsBuilder
func (*IndexOptionsBuilder) DefaultLanguage(defaultLanguage string) *IndexOptionsBuilder
func (*IndexOptionsBuilder) LanguageOverride(languageOverride string) *IndexOptionsBuilder
func (*IndexOptionsBuilder) TextVersion(textVersion int32) *IndexOptionsBuilder
func (*IndexOptionsBuilder) Weights(weights interface{}) *IndexOptionsBuilder
func (*IndexOptionsBuilder) SphereVersion(sphereVersion int32) *IndexOptionsBuilder
func (*IndexOptionsBuilder) Bits(bits int32) *IndexOptionsBuilder
func (*IndexOptionsBuilder) Max(max float64) *IndexOptionsBuilder
func (*IndexOptionsBuilder) Min(min float64) *IndexOptionsBuilder
func (*IndexOptionsBuilder) BucketSize(bucketSize int32) *IndexOptionsBuilder
func (*IndexOptionsBuilder) PartialFilterExpression(partialFilterExpression interface{}) *IndexOptionsBuilder
func (*IndexOptionsBuilder) Collation(collation interface{}) *IndexOptionsBuilder
func (*IndexOptionsBuilder) Build() any

type IndexSpecification struct {
	Name               string
	Namespace          string
	KeysDocument       any
	Version            int32
	ExpireAfterSeconds *int32
	Sparse             *bool
	Unique             *bool
	Clustered          *bool
}

func (*IndexSpecification) UnmarshalBSON(data []byte) error

type IndexView struct {
	_ int
}

func (IndexView) List(ctx context.Context, opts ...*options.ListIndexesOptions) (*Cursor, error)
func (IndexView) ListSpecifications(ctx context.Context, opts ...*options.ListIndexesOptions) ([]*IndexSpecification, error)
func (IndexView) CreateOne(ctx context.Context, model IndexModel, opts ...*options.CreateIndexesOptions) (string, error)
func (IndexView) CreateMany(ctx context.Context, models []IndexModel, opts ...*options.CreateIndexesOptions) ([]string, error)
func (IndexView) DropOne(ctx context.Context, name string, opts ...*options.DropIndexesOptions) (any, error)
func (IndexView) DropOneWithKey(ctx context.Context, keySpecDocument interface{}, opts ...*options.DropIndexesOptions) (any, error)
func (IndexView) DropAll(ctx context.Context, opts ...*options.DropIndexesOptions) (any, error)

type InsertManyResult struct {
	InsertedIDs []interface{}
}
type InsertOneModel struct {
	Document interface{}
}

func (*InsertOneModel) SetDocument(doc interface{}) *InsertOneModel

type InsertOneResult struct {
	InsertedID interface{}
}

func IsDuplicateKeyError(err error) bool
func IsNetworkError(err error) bool
func IsTimeout(err error) bool

type LabeledError interface {
	HasErrorLabel(string) bool
	error
}
type ListDatabasesResult struct {
	Databases []DatabaseSpecification
	TotalSize int64
}
type MarshalError struct {
	Value interface{}
	Err   error
}

func (MarshalError) Error() string

type MongocryptError struct {
	Code    int32
	Message string
}

func (MongocryptError) Error() string

type MongocryptdError struct {
	Wrapped error
}

func (MongocryptdError) Error() string
func (MongocryptdError) Unwrap() error
func NewClient(opts ...*options.ClientOptions) (*Client, error)
func NewClientEncryption(keyVaultClient *Client, opts ...*options.ClientEncryptionOptions) (*ClientEncryption, error)
func NewCursorFromDocuments(documents []interface{}, err error, registry any) (*Cursor, error)
func NewDeleteManyModel() *DeleteManyModel
func NewDeleteOneModel() *DeleteOneModel
func NewIndexOptionsBuilder() *IndexOptionsBuilder
func NewInsertOneModel() *InsertOneModel
func NewReplaceOneModel() *ReplaceOneModel
func NewSessionContext(ctx context.Context, sess Session) SessionContext
func NewSingleResultFromDocument(document interface{}, err error, registry any) *SingleResult
func NewUpdateManyModel() *UpdateManyModel
func NewUpdateOneModel() *UpdateOneModel

type Pipeline []any
type ReplaceOneModel struct {
	Collation   *options.Collation
	Upsert      *bool
	Filter      interface{}
	Replacement interface{}
	Hint        interface{}
}

func (*ReplaceOneModel) SetHint(hint interface{}) *ReplaceOneModel
func (*ReplaceOneModel) SetFilter(filter interface{}) *ReplaceOneModel
func (*ReplaceOneModel) SetReplacement(rep interface{}) *ReplaceOneModel
func (*ReplaceOneModel) SetCollation(collation *options.Collation) *ReplaceOneModel
func (*ReplaceOneModel) SetUpsert(upsert bool) *ReplaceOneModel

type RewrapManyDataKeyResult struct {
	*BulkWriteResult
}
type SearchIndexModel struct {
	Definition interface{}
	Options    *options.SearchIndexesOptions
}
type SearchIndexView struct {
	_ int
}

func (SearchIndexView) List(ctx context.Context, searchIdxOpts *options.SearchIndexesOptions, opts ...*options.ListSearchIndexesOptions) (*Cursor, error)
func (SearchIndexView) CreateOne(ctx context.Context, model SearchIndexModel, opts ...*options.CreateSearchIndexesOptions) (string, error)
func (SearchIndexView) CreateMany(ctx context.Context, models []SearchIndexModel, _ ...*options.CreateSearchIndexesOptions) ([]string, error)
func (SearchIndexView) DropOne(ctx context.Context, name string, _ ...*options.DropSearchIndexOptions) error
func (SearchIndexView) UpdateOne(ctx context.Context, name string, definition interface{}, _ ...*options.UpdateSearchIndexOptions) error

type ServerError interface {
	HasErrorCode(int) bool
	HasErrorCodeWithMessage(int, string) bool
	HasErrorMessage(string) bool
	serverError()
	LabeledError
}
type Session interface {
	AbortTransaction(context.Context) error
	AdvanceClusterTime(any) error
	AdvanceOperationTime(any) error
	Client() *Client
	ClusterTime() any
	CommitTransaction(context.Context) error
	EndSession(context.Context)
	ID() any
	OperationTime() any
	StartTransaction(...*options.TransactionOptions) error
	WithTransaction(ctx context.Context, fn func(ctx SessionContext) (interface{}, error), opts ...*options.TransactionOptions) (interface{}, error)
	session()
}
type SessionContext interface {
	context.Context
	Session
}

func SessionFromContext(ctx context.Context) Session

type SingleResult struct {
	_ int
}

func (*SingleResult) Decode(v interface{}) error
func (*SingleResult) Raw() (any, error)
func (*SingleResult) DecodeBytes() (any, error)
func (*SingleResult) Err() error

type StreamType uint8
type UpdateManyModel struct {
	Collation    *options.Collation
	Upsert       *bool
	Filter       interface{}
	Update       interface{}
	ArrayFilters *options.ArrayFilters
	Hint         interface{}
}

func (*UpdateManyModel) SetHint(hint interface{}) *UpdateManyModel
func (*UpdateManyModel) SetFilter(filter interface{}) *UpdateManyModel
func (*UpdateManyModel) SetUpdate(update interface{}) *UpdateManyModel
func (*UpdateManyModel) SetArrayFilters(filters options.ArrayFilters) *UpdateManyModel
func (*UpdateManyModel) SetCollation(collation *options.Collation) *UpdateManyModel
func (*UpdateManyModel) SetUpsert(upsert bool) *UpdateManyModel

type UpdateOneModel struct {
	Collation    *options.Collation
	Upsert       *bool
	Filter       interface{}
	Update       interface{}
	ArrayFilters *options.ArrayFilters
	Hint         interface{}
}

func (*UpdateOneModel) SetHint(hint interface{}) *UpdateOneModel
func (*UpdateOneModel) SetFilter(filter interface{}) *UpdateOneModel
func (*UpdateOneModel) SetUpdate(update interface{}) *UpdateOneModel
func (*UpdateOneModel) SetArrayFilters(filters options.ArrayFilters) *UpdateOneModel
func (*UpdateOneModel) SetCollation(collation *options.Collation) *UpdateOneModel
func (*UpdateOneModel) SetUpsert(upsert bool) *UpdateOneModel

type UpdateResult struct {
	MatchedCount  int64
	ModifiedCount int64
	UpsertedCount int64
	UpsertedID    interface{}
}

func (*UpdateResult) UnmarshalBSON(b []byte) error
func WithSession(ctx context.Context, sess Session, fn func(SessionContext) error) error

type WriteConcernError struct {
	Name    string
	Code    int
	Message string
	Details any
	Raw     any
}

func (WriteConcernError) Error() string
func (WriteConcernError) IsMaxTimeMSExpiredError() bool

type WriteError struct {
	Index   int
	Code    int
	Message string
	Details any
	Raw     any
}

func (WriteError) Error() string
func (WriteError) HasErrorCode(code int) bool
func (WriteError) HasErrorLabel(string) bool
func (WriteError) HasErrorMessage(message string) bool
func (WriteError) HasErrorCodeWithMessage(code int, message string) bool

type WriteErrors []WriteError

func (WriteErrors) Error() string

type WriteException struct {
	WriteConcernError *WriteConcernError
	WriteErrors       WriteErrors
	Labels            []string
	Raw               any
}

func (WriteException) Error() string
func (WriteException) HasErrorCode(code int) bool
func (WriteException) HasErrorLabel(label string) bool
func (WriteException) HasErrorMessage(message string) bool
func (WriteException) HasErrorCodeWithMessage(code int, message string) bool

type WriteModel interface{ writeModel() }
type XSession interface{ ClientSession() any }
