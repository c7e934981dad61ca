package options

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

const After ReturnDocument = 1

func Aggregate() *AggregateOptions

type AggregateOptions struct {
	AllowDiskUse             *bool
	BatchSize                *int32
	BypassDocumentValidation *bool
	Collation                *Collation
	MaxTime                  *time.Duration
	MaxAwaitTime             *time.Duration
	Comment                  *string
	Hint                     interface{}
	Let                      interface{}
	Custom                   any
}

func (*AggregateOptions) SetAllowDiskUse(b bool) *AggregateOptions
func (*AggregateOptions) SetBatchSize(i int32) *AggregateOptions
func (*AggregateOptions) SetBypassDocumentValidation(b bool) *AggregateOptions
func (*AggregateOptions) SetCollation(c *Collation) *AggregateOptions
func (*AggregateOptions) SetMaxTime(d time.Duration) *AggregateOptions
func (*AggregateOptions) SetMaxAwaitTime(d time.Duration) *AggregateOptions
func (*AggregateOptions) SetComment(s string) *AggregateOptions
func (*AggregateOptions) SetHint(h interface{}) *AggregateOptions
func (*AggregateOptions) SetLet(let interface{}) *AggregateOptions
func (*AggregateOptions) SetCustom(c any) *AggregateOptions

type ArrayFilters struct {
	Registry any
	Filters  []interface{}
}

func (*ArrayFilters) ToArray() ([]any, error)
func (*ArrayFilters) ToArrayDocument() (any, error)
func AutoEncryption() *AutoEncryptionOptions

type AutoEncryptionOptions struct {
	KeyVaultClientOptions *ClientOptions
	KeyVaultNamespace     string
	KmsProviders          map[string]map[string]interface{}
	SchemaMap             map[string]interface{}
	BypassAutoEncryption  *bool
	ExtraOptions          map[string]interface{}
	TLSConfig             map[string]*tls.Config
	HTTPClient            *http.Client
	EncryptedFieldsMap    map[string]interface{}
	BypassQueryAnalysis   *bool
}

func (*AutoEncryptionOptions) SetKeyVaultClientOptions(opts *ClientOptions) *AutoEncryptionOptions
func (*AutoEncryptionOptions) SetKeyVaultNamespace(ns string) *AutoEncryptionOptions
func (*AutoEncryptionOptions) SetKmsProviders(providers map[string]map[string]interface{}) *AutoEncryptionOptions
func (*AutoEncryptionOptions) SetSchemaMap(schemaMap map[string]interface{}) *AutoEncryptionOptions
func (*AutoEncryptionOptions) SetBypassAutoEncryption(bypass bool) *AutoEncryptionOptions
func (*AutoEncryptionOptions) SetExtraOptions(extraOpts map[string]interface{}) *AutoEncryptionOptions
func (*AutoEncryptionOptions) SetTLSConfig(tlsOpts map[string]*tls.Config) *AutoEncryptionOptions
func (*AutoEncryptionOptions) SetEncryptedFieldsMap(ef map[string]interface{}) *AutoEncryptionOptions
func (*AutoEncryptionOptions) SetBypassQueryAnalysis(bypass bool) *AutoEncryptionOptions

type BSONOptions struct {
	UseJSONStructTags       bool
	ErrorOnInlineDuplicates bool
	IntMinSize              bool
	NilMapAsEmpty           bool
	NilSliceAsEmpty         bool
	NilByteSliceAsEmpty     bool
	OmitZeroStruct          bool
	StringifyMapKeysWithFmt bool
	AllowTruncatingDoubles  bool
	BinaryAsSlice           bool
	DefaultDocumentD        bool
	DefaultDocumentM        bool
	UseLocalTimeZone        bool
	ZeroMaps                bool
	ZeroStructs             bool
}

const Before ReturnDocument = 0

type BucketOptions struct {
	Name           *string
	ChunkSizeBytes *int32
	WriteConcern   any
	ReadConcern    any
	ReadPreference any
}

func (*BucketOptions) SetName(name string) *BucketOptions
func (*BucketOptions) SetChunkSizeBytes(i int32) *BucketOptions
func (*BucketOptions) SetWriteConcern(wc any) *BucketOptions
func (*BucketOptions) SetReadConcern(rc any) *BucketOptions
func (*BucketOptions) SetReadPreference(rp any) *BucketOptions
func BuildTLSConfig(tlsOpts map[string]interface{}) (*tls.Config, error)
func BulkWrite() *BulkWriteOptions

type BulkWriteOptions struct {
	BypassDocumentValidation *bool
	Comment                  interface{}
	Ordered                  *bool
	Let                      interface{}
	BypassEmptyTsReplacement *bool
}

func (*BulkWriteOptions) SetComment(comment interface{}) *BulkWriteOptions
func (*BulkWriteOptions) SetOrdered(ordered bool) *BulkWriteOptions
func (*BulkWriteOptions) SetBypassDocumentValidation(bypass bool) *BulkWriteOptions
func (*BulkWriteOptions) SetLet(let interface{}) *BulkWriteOptions
func ChangeStream() *ChangeStreamOptions

type ChangeStreamOptions struct {
	BatchSize                *int32
	Collation                *Collation
	Comment                  *string
	FullDocument             *FullDocument
	FullDocumentBeforeChange *FullDocument
	MaxAwaitTime             *time.Duration
	ResumeAfter              interface{}
	ShowExpandedEvents       *bool
	StartAtOperationTime     any
	StartAfter               interface{}
	Custom                   any
	CustomPipeline           any
}

func (*ChangeStreamOptions) SetBatchSize(i int32) *ChangeStreamOptions
func (*ChangeStreamOptions) SetCollation(c Collation) *ChangeStreamOptions
func (*ChangeStreamOptions) SetComment(comment string) *ChangeStreamOptions
func (*ChangeStreamOptions) SetFullDocument(fd FullDocument) *ChangeStreamOptions
func (*ChangeStreamOptions) SetFullDocumentBeforeChange(fdbc FullDocument) *ChangeStreamOptions
func (*ChangeStreamOptions) SetMaxAwaitTime(d time.Duration) *ChangeStreamOptions
func (*ChangeStreamOptions) SetResumeAfter(rt interface{}) *ChangeStreamOptions
func (*ChangeStreamOptions) SetShowExpandedEvents(see bool) *ChangeStreamOptions
func (*ChangeStreamOptions) SetStartAtOperationTime(t any) *ChangeStreamOptions
func (*ChangeStreamOptions) SetStartAfter(sa interface{}) *ChangeStreamOptions
func (*ChangeStreamOptions) SetCustom(c any) *ChangeStreamOptions
func (*ChangeStreamOptions) SetCustomPipeline(cp any) *ChangeStreamOptions
func Client() *ClientOptions
func ClientEncryption() *ClientEncryptionOptions

type ClientEncryptionOptions struct {
	KeyVaultNamespace string
	KmsProviders      map[string]map[string]interface{}
	TLSConfig         map[string]*tls.Config
	HTTPClient        *http.Client
}

func (*ClientEncryptionOptions) SetKeyVaultNamespace(ns string) *ClientEncryptionOptions
func (*ClientEncryptionOptions) SetKmsProviders(providers map[string]map[string]interface{}) *ClientEncryptionOptions
func (*ClientEncryptionOptions) SetTLSConfig(tlsOpts map[string]*tls.Config) *ClientEncryptionOptions

type ClientOptions struct {
	AppName                  *string
	Auth                     *Credential
	AutoEncryptionOptions    *AutoEncryptionOptions
	ConnectTimeout           *time.Duration
	Compressors              []string
	Dialer                   ContextDialer
	Direct                   *bool
	DisableOCSPEndpointCheck *bool
	HeartbeatInterval        *time.Duration
	Hosts                    []string
	HTTPClient               *http.Client
	LoadBalanced             *bool
	LocalThreshold           *time.Duration
	LoggerOptions            *LoggerOptions
	MaxConnIdleTime          *time.Duration
	MaxPoolSize              *uint64
	MinPoolSize              *uint64
	MaxConnecting            *uint64
	PoolMonitor              any
	Monitor                  any
	ServerMonitor            any
	ReadConcern              any
	ReadPreference           any
	BSONOptions              *BSONOptions
	Registry                 any
	ReplicaSet               *string
	RetryReads               *bool
	RetryWrites              *bool
	ServerAPIOptions         *ServerAPIOptions
	ServerMonitoringMode     *string
	ServerSelectionTimeout   *time.Duration
	SRVMaxHosts              *int
	SRVServiceName           *string
	Timeout                  *time.Duration
	TLSConfig                *tls.Config
	WriteConcern             any
	ZlibLevel                *int
	ZstdLevel                *int
	AuthenticateToAnything   *bool
	Crypt                    any
	Deployment               any
	SocketTimeout            *time.Duration
	_                        int
}

func (*ClientOptions) Validate() error
func (*ClientOptions) GetURI() string
func (*ClientOptions) ApplyURI(uri string) *ClientOptions
func (*ClientOptions) SetAppName(s string) *ClientOptions
func (*ClientOptions) SetAuth(auth Credential) *ClientOptions
func (*ClientOptions) SetCompressors(comps []string) *ClientOptions
func (*ClientOptions) SetConnectTimeout(d time.Duration) *ClientOptions
func (*ClientOptions) SetDialer(d ContextDialer) *ClientOptions
func (*ClientOptions) SetDirect(b bool) *ClientOptions
func (*ClientOptions) SetHeartbeatInterval(d time.Duration) *ClientOptions
func (*ClientOptions) SetHosts(s []string) *ClientOptions
func (*ClientOptions) SetLoadBalanced(lb bool) *ClientOptions
func (*ClientOptions) SetLocalThreshold(d time.Duration) *ClientOptions
func (*ClientOptions) SetLoggerOptions(opts *LoggerOptions) *ClientOptions
func (*ClientOptions) SetMaxConnIdleTime(d time.Duration) *ClientOptions
func (*ClientOptions) SetMaxPoolSize(u uint64) *ClientOptions
func (*ClientOptions) SetMinPoolSize(u uint64) *ClientOptions
func (*ClientOptions) SetMaxConnecting(u uint64) *ClientOptions
func (*ClientOptions) SetPoolMonitor(m any) *ClientOptions
func (*ClientOptions) SetMonitor(m any) *ClientOptions
func (*ClientOptions) SetServerMonitor(m any) *ClientOptions
func (*ClientOptions) SetReadConcern(rc any) *ClientOptions
func (*ClientOptions) SetReadPreference(rp any) *ClientOptions
func (*ClientOptions) SetBSONOptions(opts *BSONOptions) *ClientOptions
func (*ClientOptions) SetRegistry(registry any) *ClientOptions
func (*ClientOptions) SetReplicaSet(s string) *ClientOptions
func (*ClientOptions) SetRetryWrites(b bool) *ClientOptions
func (*ClientOptions) SetRetryReads(b bool) *ClientOptions
func (*ClientOptions) SetServerSelectionTimeout(d time.Duration) *ClientOptions
func (*ClientOptions) SetSocketTimeout(d time.Duration) *ClientOptions
func (*ClientOptions) SetTimeout(d time.Duration) *ClientOptions
func (*ClientOptions) SetTLSConfig(cfg *tls.Config) *ClientOptions
func (*ClientOptions) SetHTTPClient(client *http.Client) *ClientOptions
func (*ClientOptions) SetWriteConcern(wc any) *ClientOptions
func (*ClientOptions) SetZlibLevel(level int) *ClientOptions
func (*ClientOptions) SetZstdLevel(level int) *ClientOptions
func (*ClientOptions) SetAutoEncryptionOptions(opts *AutoEncryptionOptions) *ClientOptions
func (*ClientOptions) SetDisableOCSPEndpointCheck(disableCheck bool) *ClientOptions
func (*ClientOptions) SetServerAPIOptions(opts *ServerAPIOptions) *ClientOptions
func (*ClientOptions) SetServerMonitoringMode(mode string) *ClientOptions
func (*ClientOptions) SetSRVMaxHosts(srvMaxHosts int) *ClientOptions
func (*ClientOptions) SetSRVServiceName(srvName string) *ClientOptions

type Collation struct {
	Locale          string
	CaseLevel       bool
	CaseFirst       string
	Strength        int
	NumericOrdering bool
	Alternate       string
	MaxVariable     string
	Normalization   bool
	Backwards       bool
}

func (*Collation) ToDocument() any
func Collection() *CollectionOptions

type CollectionOptions struct {
	ReadConcern    any
	WriteConcern   any
	ReadPreference any
	BSONOptions    *BSONOptions
	Registry       any
}

func (*CollectionOptions) SetReadConcern(rc any) *CollectionOptions
func (*CollectionOptions) SetWriteConcern(wc any) *CollectionOptions
func (*CollectionOptions) SetReadPreference(rp any) *CollectionOptions
func (*CollectionOptions) SetBSONOptions(opts *BSONOptions) *CollectionOptions
func (*CollectionOptions) SetRegistry(r any) *CollectionOptions

type ContextDialer interface {
	DialContext(ctx context.Context, network string, address string) (net.Conn, error)
}

func Count() *CountOptions

type CountOptions struct {
	Collation *Collation
	Comment   *string
	Hint      interface{}
	Limit     *int64
	MaxTime   *time.Duration
	Skip      *int64
}

func (*CountOptions) SetCollation(c *Collation) *CountOptions
func (*CountOptions) SetComment(c string) *CountOptions
func (*CountOptions) SetHint(h interface{}) *CountOptions
func (*CountOptions) SetLimit(i int64) *CountOptions
func (*CountOptions) SetMaxTime(d time.Duration) *CountOptions
func (*CountOptions) SetSkip(i int64) *CountOptions
func CreateCollection() *CreateCollectionOptions

type CreateCollectionOptions struct {
	Capped                       *bool
	Collation                    *Collation
	ChangeStreamPreAndPostImages interface{}
	DefaultIndexOptions          *DefaultIndexOptions
	MaxDocuments                 *int64
	SizeInBytes                  *int64
	StorageEngine                interface{}
	ValidationAction             *string
	ValidationLevel              *string
	Validator                    interface{}
	ExpireAfterSeconds           *int64
	TimeSeriesOptions            *TimeSeriesOptions
	EncryptedFields              interface{}
	ClusteredIndex               interface{}
}

func (*CreateCollectionOptions) SetCapped(capped bool) *CreateCollectionOptions
func (*CreateCollectionOptions) SetCollation(collation *Collation) *CreateCollectionOptions
func (*CreateCollectionOptions) SetChangeStreamPreAndPostImages(csppi interface{}) *CreateCollectionOptions
func (*CreateCollectionOptions) SetDefaultIndexOptions(opts *DefaultIndexOptions) *CreateCollectionOptions
func (*CreateCollectionOptions) SetMaxDocuments(max int64) *CreateCollectionOptions
func (*CreateCollectionOptions) SetSizeInBytes(size int64) *CreateCollectionOptions
func (*CreateCollectionOptions) SetStorageEngine(storageEngine interface{}) *CreateCollectionOptions
func (*CreateCollectionOptions) SetValidationAction(action string) *CreateCollectionOptions
func (*CreateCollectionOptions) SetValidationLevel(level string) *CreateCollectionOptions
func (*CreateCollectionOptions) SetValidator(validator interface{}) *CreateCollectionOptions
func (*CreateCollectionOptions) SetExpireAfterSeconds(eas int64) *CreateCollectionOptions
func (*CreateCollectionOptions) SetTimeSeriesOptions(timeSeriesOpts *TimeSeriesOptions) *CreateCollectionOptions
func (*CreateCollectionOptions) SetEncryptedFields(encryptedFields interface{}) *CreateCollectionOptions
func (*CreateCollectionOptions) SetClusteredIndex(clusteredIndex interface{}) *CreateCollectionOptions
func CreateIndexes() *CreateIndexesOptions

type CreateIndexesOptions struct {
	CommitQuorum interface{}
	MaxTime      *time.Duration
}

func (*CreateIndexesOptions) SetMaxTime(d time.Duration) *CreateIndexesOptions
func (*CreateIndexesOptions) SetCommitQuorumInt(quorum int32) *CreateIndexesOptions
func (*CreateIndexesOptions) SetCommitQuorumString(quorum string) *CreateIndexesOptions
func (*CreateIndexesOptions) SetCommitQuorumMajority() *CreateIndexesOptions
func (*CreateIndexesOptions) SetCommitQuorumVotingMembers() *CreateIndexesOptions

type CreateSearchIndexesOptions struct {
}

func CreateView() *CreateViewOptions

type CreateViewOptions struct {
	Collation *Collation
}

func (*CreateViewOptions) SetCollation(collation *Collation) *CreateViewOptions

type Credential struct {
	AuthMechanism           string
	AuthMechanismProperties map[string]string
	AuthSource              string
	Username                string
	Password                string
	PasswordSet             bool
	OIDCMachineCallback     OIDCCallback
	OIDCHumanCallback       OIDCCallback
}
type CursorType int8

func DataKey() *DataKeyOptions

type DataKeyOptions struct {
	MasterKey   interface{}
	KeyAltNames []string
	KeyMaterial []byte
}

func (*DataKeyOptions) SetMasterKey(masterKey interface{}) *DataKeyOptions
func (*DataKeyOptions) SetKeyAltNames(keyAltNames []string) *DataKeyOptions
func (*DataKeyOptions) SetKeyMaterial(keyMaterial []byte) *DataKeyOptions
func Database() *DatabaseOptions

type DatabaseOptions struct {
	ReadConcern    any
	WriteConcern   any
	ReadPreference any
	BSONOptions    *BSONOptions
	Registry       any
}

func (*DatabaseOptions) SetReadConcern(rc any) *DatabaseOptions
func (*DatabaseOptions) SetWriteConcern(wc any) *DatabaseOptions
func (*DatabaseOptions) SetReadPreference(rp any) *DatabaseOptions
func (*DatabaseOptions) SetBSONOptions(opts *BSONOptions) *DatabaseOptions
func (*DatabaseOptions) SetRegistry(r any) *DatabaseOptions

const Default FullDocument = "default"

var DefaultCausalConsistency bool
var DefaultChunkSize int32

func DefaultIndex() *DefaultIndexOptions

type DefaultIndexOptions struct {
	StorageEngine interface{}
}

func (*DefaultIndexOptions) SetStorageEngine(storageEngine interface{}) *DefaultIndexOptions

var DefaultName string
var DefaultOrdered bool
var DefaultRevision int32

func Delete() *DeleteOptions

type DeleteOptions struct {
	Collation *Collation
	Comment   interface{}
	Hint      interface{}
	Let       interface{}
}

func (*DeleteOptions) SetCollation(c *Collation) *DeleteOptions
func (*DeleteOptions) SetComment(comment interface{}) *DeleteOptions
func (*DeleteOptions) SetHint(hint interface{}) *DeleteOptions
func (*DeleteOptions) SetLet(let interface{}) *DeleteOptions
func Distinct() *DistinctOptions

type DistinctOptions struct {
	Collation *Collation
	Comment   interface{}
	MaxTime   *time.Duration
}

func (*DistinctOptions) SetCollation(c *Collation) *DistinctOptions
func (*DistinctOptions) SetComment(comment interface{}) *DistinctOptions
func (*DistinctOptions) SetMaxTime(d time.Duration) *DistinctOptions
func DropIndexes() *DropIndexesOptions

type DropIndexesOptions struct {
	MaxTime *time.Duration
}

func (*DropIndexesOptions) SetMaxTime(duration time.Duration) *DropIndexesOptions

type DropSearchIndexOptions struct {
}

func Encrypt() *EncryptOptions

type EncryptOptions struct {
	KeyID            any
	KeyAltName       *string
	Algorithm        string
	QueryType        string
	ContentionFactor *int64
	RangeOptions     *RangeOptions
}

func (*EncryptOptions) SetKeyID(keyID any) *EncryptOptions
func (*EncryptOptions) SetKeyAltName(keyAltName string) *EncryptOptions
func (*EncryptOptions) SetAlgorithm(algorithm string) *EncryptOptions
func (*EncryptOptions) SetQueryType(queryType string) *EncryptOptions
func (*EncryptOptions) SetContentionFactor(contentionFactor int64) *EncryptOptions
func (*EncryptOptions) SetRangeOptions(ro RangeOptions) *EncryptOptions
func EstimatedDocumentCount() *EstimatedDocumentCountOptions

type EstimatedDocumentCountOptions struct {
	Comment interface{}
	MaxTime *time.Duration
}

func (*EstimatedDocumentCountOptions) SetComment(comment interface{}) *EstimatedDocumentCountOptions
func (*EstimatedDocumentCountOptions) SetMaxTime(d time.Duration) *EstimatedDocumentCountOptions
func Find() *FindOptions
func FindOne() *FindOneOptions
func FindOneAndDelete() *FindOneAndDeleteOptions

type FindOneAndDeleteOptions struct {
	Collation  *Collation
	Comment    interface{}
	MaxTime    *time.Duration
	Projection interface{}
	Sort       interface{}
	Hint       interface{}
	Let        interface{}
}

func (*FindOneAndDeleteOptions) SetCollation(collation *Collation) *FindOneAndDeleteOptions
func (*FindOneAndDeleteOptions) SetComment(comment interface{}) *FindOneAndDeleteOptions
func (*FindOneAndDeleteOptions) SetMaxTime(d time.Duration) *FindOneAndDeleteOptions
func (*FindOneAndDeleteOptions) SetProjection(projection interface{}) *FindOneAndDeleteOptions
func (*FindOneAndDeleteOptions) SetSort(sort interface{}) *FindOneAndDeleteOptions
func (*FindOneAndDeleteOptions) SetHint(hint interface{}) *FindOneAndDeleteOptions
func (*FindOneAndDeleteOptions) SetLet(let interface{}) *FindOneAndDeleteOptions
func FindOneAndReplace() *FindOneAndReplaceOptions

type FindOneAndReplaceOptions struct {
	BypassDocumentValidation *bool
	Collation                *Collation
	Comment                  interface{}
	MaxTime                  *time.Duration
	Projection               interface{}
	ReturnDocument           *ReturnDocument
	Sort                     interface{}
	Upsert                   *bool
	Hint                     interface{}
	Let                      interface{}
	BypassEmptyTsReplacement *bool
}

func (*FindOneAndReplaceOptions) SetBypassDocumentValidation(b bool) *FindOneAndReplaceOptions
func (*FindOneAndReplaceOptions) SetCollation(collation *Collation) *FindOneAndReplaceOptions
func (*FindOneAndReplaceOptions) SetComment(comment interface{}) *FindOneAndReplaceOptions
func (*FindOneAndReplaceOptions) SetMaxTime(d time.Duration) *FindOneAndReplaceOptions
func (*FindOneAndReplaceOptions) SetProjection(projection interface{}) *FindOneAndReplaceOptions
func (*FindOneAndReplaceOptions) SetReturnDocument(rd ReturnDocument) *FindOneAndReplaceOptions
func (*FindOneAndReplaceOptions) SetSort(sort interface{}) *FindOneAndReplaceOptions
func (*FindOneAndReplaceOptions) SetUpsert(b bool) *FindOneAndReplaceOptions
func (*FindOneAndReplaceOptions) SetHint(hint interface{}) *FindOneAndReplaceOptions
func (*FindOneAndReplaceOptions) SetLet(let interface{}) *FindOneAndReplaceOptions
func FindOneAndUpdate() *FindOneAndUpdateOptions

type FindOneAndUpdateOptions struct {
	ArrayFilters             *ArrayFilters
	BypassDocumentValidation *bool
	Collation                *Collation
	Comment                  interface{}
	MaxTime                  *time.Duration
	Projection               interface{}
	ReturnDocument           *ReturnDocument
	Sort                     interface{}
	Upsert                   *bool
	Hint                     interface{}
	Let                      interface{}
	BypassEmptyTsReplacement *bool
}

func (*FindOneAndUpdateOptions) SetBypassDocumentValidation(b bool) *FindOneAndUpdateOptions
func (*FindOneAndUpdateOptions) SetArrayFilters(filters ArrayFilters) *FindOneAndUpdateOptions
func (*FindOneAndUpdateOptions) SetCollation(collation *Collation) *FindOneAndUpdateOptions
func (*FindOneAndUpdateOptions) SetComment(comment interface{}) *FindOneAndUpdateOptions
func (*FindOneAndUpdateOptions) SetMaxTime(d time.Duration) *FindOneAndUpdateOptions
func (*FindOneAndUpdateOptions) SetProjection(projection interface{}) *FindOneAndUpdateOptions
func (*FindOneAndUpdateOptions) SetReturnDocument(rd ReturnDocument) *FindOneAndUpdateOptions
func (*FindOneAndUpdateOptions) SetSort(sort interface{}) *FindOneAndUpdateOptions
func (*FindOneAndUpdateOptions) SetUpsert(b bool) *FindOneAndUpdateOptions
func (*FindOneAndUpdateOptions) SetHint(hint interface{}) *FindOneAndUpdateOptions
func (*FindOneAndUpdateOptions) SetLet(let interface{}) *FindOneAndUpdateOptions

type FindOneOptions struct {
	AllowPartialResults *bool
	BatchSize           *int32
	Collation           *Collation
	Comment             *string
	CursorType          *CursorType
	Hint                interface{}
	Max                 interface{}
	MaxAwaitTime        *time.Duration
	MaxTime             *time.Duration
	Min                 interface{}
	NoCursorTimeout     *bool
	OplogReplay         *bool
	Projection          interface{}
	ReturnKey           *bool
	ShowRecordID        *bool
	Skip                *int64
	Snapshot            *bool
	Sort                interface{}
}

func (*FindOneOptions) SetAllowPartialResults(b bool) *FindOneOptions
func (*FindOneOptions) SetBatchSize(i int32) *FindOneOptions
func (*FindOneOptions) SetCollation(collation *Collation) *FindOneOptions
func (*FindOneOptions) SetComment(comment string) *FindOneOptions
func (*FindOneOptions) SetCursorType(ct CursorType) *FindOneOptions
func (*FindOneOptions) SetHint(hint interface{}) *FindOneOptions
func (*FindOneOptions) SetMax(max interface{}) *FindOneOptions
func (*FindOneOptions) SetMaxAwaitTime(d time.Duration) *FindOneOptions
func (*FindOneOptions) SetMaxTime(d time.Duration) *FindOneOptions
func (*FindOneOptions) SetMin(min interface{}) *FindOneOptions
func (*FindOneOptions) SetNoCursorTimeout(b bool) *FindOneOptions
func (*FindOneOptions) SetOplogReplay(b bool) *FindOneOptions
func (*FindOneOptions) SetProjection(projection interface{}) *FindOneOptions
func (*FindOneOptions) SetReturnKey(b bool) *FindOneOptions
func (*FindOneOptions) SetShowRecordID(b bool) *FindOneOptions
func (*FindOneOptions) SetSkip(i int64) *FindOneOptions
func (*FindOneOptions) SetSnapshot(b bool) *FindOneOptions
func (*FindOneOptions) SetSort(sort interface{}) *FindOneOptions

type FindOptions struct {
	AllowDiskUse        *bool
	AllowPartialResults *bool
	BatchSize           *int32
	Collation           *Collation
	Comment             *string
	CursorType          *CursorType
	Hint                interface{}
	Limit               *int64
	Max                 interface{}
	MaxAwaitTime        *time.Duration
	MaxTime             *time.Duration
	Min                 interface{}
	NoCursorTimeout     *bool
	OplogReplay         *bool
	Projection          interface{}
	ReturnKey           *bool
	ShowRecordID        *bool
	Skip                *int64
	Snapshot            *bool
	Sort                interface{}
	Let                 interface{}
}

func (*FindOptions) SetAllowDiskUse(b bool) *FindOptions
func (*FindOptions) SetAllowPartialResults(b bool) *FindOptions
func (*FindOptions) SetBatchSize(i int32) *FindOptions
func (*FindOptions) SetCollation(collation *Collation) *FindOptions
func (*FindOptions) SetComment(comment string) *FindOptions
func (*FindOptions) SetCursorType(ct CursorType) *FindOptions
func (*FindOptions) SetHint(hint interface{}) *FindOptions
func (*FindOptions) SetLet(let interface{}) *FindOptions
func (*FindOptions) SetLimit(i int64) *FindOptions
func (*FindOptions) SetMax(max interface{}) *FindOptions
func (*FindOptions) SetMaxAwaitTime(d time.Duration) *FindOptions
func (*FindOptions) SetMaxTime(d time.Duration) *FindOptions
func (*FindOptions) SetMin(min interface{}) *FindOptions
func (*FindOptions) SetNoCursorTimeout(b bool) *FindOptions
func (*FindOptions) SetOplogReplay(b bool) *FindOptions
func (*FindOptions) SetProjection(projection interface{}) *FindOptions
func (*FindOptions) SetReturnKey(b bool) *FindOptions
func (*FindOptions) SetShowRecordID(b bool) *FindOptions
func (*FindOptions) SetSkip(i int64) *FindOptions
func (*FindOptions) SetSnapshot(b bool) *FindOptions
func (*FindOptions) SetSort(sort interface{}) *FindOptions

type FullDocument string

func GridFSBucket() *BucketOptions
func GridFSFind() *GridFSFindOptions

type GridFSFindOptions struct {
	AllowDiskUse    *bool
	BatchSize       *int32
	Limit           *int32
	MaxTime         *time.Duration
	NoCursorTimeout *bool
	Skip            *int32
	Sort            interface{}
}

func (*GridFSFindOptions) SetAllowDiskUse(b bool) *GridFSFindOptions
func (*GridFSFindOptions) SetBatchSize(i int32) *GridFSFindOptions
func (*GridFSFindOptions) SetLimit(i int32) *GridFSFindOptions
func (*GridFSFindOptions) SetMaxTime(d time.Duration) *GridFSFindOptions
func (*GridFSFindOptions) SetNoCursorTimeout(b bool) *GridFSFindOptions
func (*GridFSFindOptions) SetSkip(i int32) *GridFSFindOptions
func (*GridFSFindOptions) SetSort(sort interface{}) *GridFSFindOptions
func GridFSName() *NameOptions
func GridFSUpload() *UploadOptions

type IDPInfo struct {
	Issuer        string
	ClientID      string
	RequestScopes []string
}

func Index() *IndexOptions

type IndexOptions struct {
	Background              *bool
	ExpireAfterSeconds      *int32
	Name                    *string
	Sparse                  *bool
	StorageEngine           interface{}
	Unique                  *bool
	Version                 *int32
	DefaultLanguage         *string
	LanguageOverride        *string
	TextVersion             *int32
	Weights                 interface{}
	SphereVersion           *int32
	Bits                    *int32
	Max                     *float64
	Min                     *float64
	BucketSize              *int32
	PartialFilterExpression interface{}
	Collation               *Collation
	WildcardProjection      interface{}
	Hidden                  *bool
}

func (*IndexOptions) SetBackground(background bool) *IndexOptions
func (*IndexOptions) SetExpireAfterSeconds(seconds int32) *IndexOptions
func (*IndexOptions) SetName(name string) *IndexOptions
func (*IndexOptions) SetSparse(sparse bool) *IndexOptions
func (*IndexOptions) SetStorageEngine(engine interface{}) *IndexOptions
func (*IndexOptions) SetUnique(unique bool) *IndexOptions
func (*IndexOptions) SetVersion(version int32) *IndexOptions
func (*IndexOptions) SetDefaultLanguage(language string) *IndexOptions
func (*IndexOptions) SetLanguageOverride(override string) *IndexOptions
func (*IndexOptions) SetTextVersion(version int32) *IndexOptions
func (*IndexOptions) SetWeights(weights interface{}) *IndexOptions
func (*IndexOptions) SetSphereVersion(version int32) *IndexOptions
func (*IndexOptions) SetBits(bits int32) *IndexOptions
func (*IndexOptions) SetMax(max float64) *IndexOptions
func (*IndexOptions) SetMin(min float64) *IndexOptions
func (*IndexOptions) SetBucketSize(bucketSize int32) *IndexOptions
func (*IndexOptions) SetPartialFilterExpression(expression interface{}) *IndexOptions
func (*IndexOptions) SetCollation(collation *Collation) *IndexOptions
func (*IndexOptions) SetWildcardProjection(wildcardProjection interface{}) *IndexOptions
func (*IndexOptions) SetHidden(hidden bool) *IndexOptions
func InsertMany() *InsertManyOptions

type InsertManyOptions struct {
	BypassDocumentValidation *bool
	Comment                  interface{}
	Ordered                  *bool
	BypassEmptyTsReplacement *bool
}

func (*InsertManyOptions) SetBypassDocumentValidation(b bool) *InsertManyOptions
func (*InsertManyOptions) SetComment(comment interface{}) *InsertManyOptions
func (*InsertManyOptions) SetOrdered(b bool) *InsertManyOptions
func InsertOne() *InsertOneOptions

type InsertOneOptions struct {
	BypassDocumentValidation *bool
	Comment                  interface{}
	BypassEmptyTsReplacement *bool
}

func (*InsertOneOptions) SetBypassDocumentValidation(b bool) *InsertOneOptions
func (*InsertOneOptions) SetComment(comment interface{}) *InsertOneOptions
func ListCollections() *ListCollectionsOptions

type ListCollectionsOptions struct {
	NameOnly              *bool
	BatchSize             *int32
	AuthorizedCollections *bool
}

func (*ListCollectionsOptions) SetNameOnly(b bool) *ListCollectionsOptions
func (*ListCollectionsOptions) SetBatchSize(size int32) *ListCollectionsOptions
func (*ListCollectionsOptions) SetAuthorizedCollections(b bool) *ListCollectionsOptions
func ListDatabases() *ListDatabasesOptions

type ListDatabasesOptions struct {
	NameOnly            *bool
	AuthorizedDatabases *bool
}

func (*ListDatabasesOptions) SetNameOnly(b bool) *ListDatabasesOptions
func (*ListDatabasesOptions) SetAuthorizedDatabases(b bool) *ListDatabasesOptions
func ListIndexes() *ListIndexesOptions

type ListIndexesOptions struct {
	BatchSize *int32
	MaxTime   *time.Duration
}

func (*ListIndexesOptions) SetBatchSize(i int32) *ListIndexesOptions
func (*ListIndexesOptions) SetMaxTime(d time.Duration) *ListIndexesOptions

type ListSearchIndexesOptions struct {
	AggregateOpts *AggregateOptions
}
type LogComponent int

const LogComponentAll LogComponent = 0
const LogComponentCommand LogComponent = 1
const LogComponentConnection LogComponent = 4
const LogComponentServerSelection LogComponent = 3
const LogComponentTopology LogComponent = 2

type LogLevel int

const LogLevelDebug LogLevel = 2
const LogLevelInfo LogLevel = 1

type LogSink interface {
	Error(err error, message string, keysAndValues ...interface{})
	Info(level int, message string, keysAndValues ...interface{})
}

func Logger() *LoggerOptions

type LoggerOptions struct {
	ComponentLevels   map[LogComponent]LogLevel
	Sink              LogSink
	MaxDocumentLength uint
}

func (*LoggerOptions) SetComponentLevel(component LogComponent, level LogLevel) *LoggerOptions
func (*LoggerOptions) SetMaxDocumentLength(maxDocumentLength uint) *LoggerOptions
func (*LoggerOptions) SetSink(sink LogSink) *LoggerOptions

type MarshalError struct {
	Value interface{}
	Err   error
}

func (MarshalError) Error() string
func MergeAggregateOptions(opts ...*AggregateOptions) *AggregateOptions
func MergeAutoEncryptionOptions(opts ...*AutoEncryptionOptions) *AutoEncryptionOptions
func MergeBucketOptions(opts ...*BucketOptions) *BucketOptions
func MergeBulkWriteOptions(opts ...*BulkWriteOptions) *BulkWriteOptions
func MergeChangeStreamOptions(opts ...*ChangeStreamOptions) *ChangeStreamOptions
func MergeClientEncryptionOptions(opts ...*ClientEncryptionOptions) *ClientEncryptionOptions
func MergeClientOptions(opts ...*ClientOptions) *ClientOptions
func MergeCollectionOptions(opts ...*CollectionOptions) *CollectionOptions
func MergeCountOptions(opts ...*CountOptions) *CountOptions
func MergeCreateCollectionOptions(opts ...*CreateCollectionOptions) *CreateCollectionOptions
func MergeCreateIndexesOptions(opts ...*CreateIndexesOptions) *CreateIndexesOptions
func MergeCreateViewOptions(opts ...*CreateViewOptions) *CreateViewOptions
func MergeDataKeyOptions(opts ...*DataKeyOptions) *DataKeyOptions
func MergeDatabaseOptions(opts ...*DatabaseOptions) *DatabaseOptions
func MergeDeleteOptions(opts ...*DeleteOptions) *DeleteOptions
func MergeDistinctOptions(opts ...*DistinctOptions) *DistinctOptions
func MergeDropIndexesOptions(opts ...*DropIndexesOptions) *DropIndexesOptions
func MergeEncryptOptions(opts ...*EncryptOptions) *EncryptOptions
func MergeEstimatedDocumentCountOptions(opts ...*EstimatedDocumentCountOptions) *EstimatedDocumentCountOptions
func MergeFindOneAndDeleteOptions(opts ...*FindOneAndDeleteOptions) *FindOneAndDeleteOptions
func MergeFindOneAndReplaceOptions(opts ...*FindOneAndReplaceOptions) *FindOneAndReplaceOptions
func MergeFindOneAndUpdateOptions(opts ...*FindOneAndUpdateOptions) *FindOneAndUpdateOptions
func MergeFindOneOptions(opts ...*FindOneOptions) *FindOneOptions
func MergeFindOptions(opts ...*FindOptions) *FindOptions
func MergeGridFSFindOptions(opts ...*GridFSFindOptions) *GridFSFindOptions
func MergeIndexOptions(opts ...*IndexOptions) *IndexOptions
func MergeInsertManyOptions(opts ...*InsertManyOptions) *InsertManyOptions
func MergeInsertOneOptions(opts ...*InsertOneOptions) *InsertOneOptions
func MergeListCollectionsOptions(opts ...*ListCollectionsOptions) *ListCollectionsOptions
func MergeListDatabasesOptions(opts ...*ListDatabasesOptions) *ListDatabasesOptions
func MergeListIndexesOptions(opts ...*ListIndexesOptions) *ListIndexesOptions
func MergeNameOptions(opts ...*NameOptions) *NameOptions
func MergeReplaceOptions(opts ...*ReplaceOptions) *ReplaceOptions
func MergeRewrapManyDataKeyOptions(opts ...*RewrapManyDataKeyOptions) *RewrapManyDataKeyOptions
func MergeRunCmdOptions(opts ...*RunCmdOptions) *RunCmdOptions
func MergeSessionOptions(opts ...*SessionOptions) *SessionOptions
func MergeTransactionOptions(opts ...*TransactionOptions) *TransactionOptions
func MergeUpdateOptions(opts ...*UpdateOptions) *UpdateOptions
func MergeUploadOptions(opts ...*UploadOptions) *UploadOptions

type NameOptions struct {
	Revision *int32
}

func (*NameOptions) SetRevision(r int32) *NameOptions

const NonTailable CursorType = 0

type OIDCArgs struct {
	Version      int
	IDPInfo      *IDPInfo
	RefreshToken *string
}
type OIDCCallback func(context.Context, *OIDCArgs) (*OIDCCredential, error)
type OIDCCredential struct {
	AccessToken  string
	ExpiresAt    *time.Time
	RefreshToken *string
}

const Off FullDocument = "off"
const QueryTypeEquality string = "equality"

type RangeOptions struct {
	Min        any
	Max        any
	Sparsity   *int64
	TrimFactor *int32
	Precision  *int32
}

func (*RangeOptions) SetMin(min any) *RangeOptions
func (*RangeOptions) SetMax(max any) *RangeOptions
func (*RangeOptions) SetSparsity(sparsity int64) *RangeOptions
func (*RangeOptions) SetTrimFactor(trimFactor int32) *RangeOptions
func (*RangeOptions) SetPrecision(precision int32) *RangeOptions
func Replace() *ReplaceOptions

type ReplaceOptions struct {
	BypassDocumentValidation *bool
	Collation                *Collation
	Comment                  interface{}
	Hint                     interface{}
	Upsert                   *bool
	Let                      interface{}
	BypassEmptyTsReplacement *bool
}

func (*ReplaceOptions) SetBypassDocumentValidation(b bool) *ReplaceOptions
func (*ReplaceOptions) SetCollation(c *Collation) *ReplaceOptions
func (*ReplaceOptions) SetComment(comment interface{}) *ReplaceOptions
func (*ReplaceOptions) SetHint(h interface{}) *ReplaceOptions
func (*ReplaceOptions) SetUpsert(b bool) *ReplaceOptions
func (*ReplaceOptions) SetLet(l interface{}) *ReplaceOptions

const Required FullDocument = "required"

type ReturnDocument int8

func RewrapManyDataKey() *RewrapManyDataKeyOptions

type RewrapManyDataKeyOptions struct {
	Provider  *string
	MasterKey interface{}
}

func (*RewrapManyDataKeyOptions) SetProvider(provider string) *RewrapManyDataKeyOptions
func (*RewrapManyDataKeyOptions) SetMasterKey(masterKey interface{}) *RewrapManyDataKeyOptions
func RunCmd() *RunCmdOptions

type RunCmdOptions struct {
	ReadPreference any
}

func (*RunCmdOptions) SetReadPreference(rp any) *RunCmdOptions
func SearchIndexes() *SearchIndexesOptions

type SearchIndexesOptions struct {
	Name *string
	Type *string
}

func (*SearchIndexesOptions) SetName(name string) *SearchIndexesOptions
func (*SearchIndexesOptions) SetType(typ string) *SearchIndexesOptions
func ServerAPI(serverAPIVersion ServerAPIVersion) *ServerAPIOptions

type ServerAPIOptions struct {
	ServerAPIVersion  ServerAPIVersion
	Strict            *bool
	DeprecationErrors *bool
}

func (*ServerAPIOptions) SetStrict(strict bool) *ServerAPIOptions
func (*ServerAPIOptions) SetDeprecationErrors(deprecationErrors bool) *ServerAPIOptions

type ServerAPIVersion string

func (ServerAPIVersion) Validate() error

const ServerAPIVersion1 ServerAPIVersion = "1"
const ServerMonitoringModeAuto = "auto"
const ServerMonitoringModePoll = "poll"
const ServerMonitoringModeStream = "stream"

func Session() *SessionOptions

type SessionOptions struct {
	CausalConsistency     *bool
	DefaultReadConcern    any
	DefaultReadPreference any
	DefaultWriteConcern   any
	DefaultMaxCommitTime  *time.Duration
	Snapshot              *bool
}

func (*SessionOptions) SetCausalConsistency(b bool) *SessionOptions
func (*SessionOptions) SetDefaultReadConcern(rc any) *SessionOptions
func (*SessionOptions) SetDefaultReadPreference(rp any) *SessionOptions
func (*SessionOptions) SetDefaultWriteConcern(wc any) *SessionOptions
func (*SessionOptions) SetDefaultMaxCommitTime(mct *time.Duration) *SessionOptions
func (*SessionOptions) SetSnapshot(b bool) *SessionOptions

const Tailable CursorType = 1
const TailableAwait CursorType = 2

func TimeSeries() *TimeSeriesOptions

type TimeSeriesOptions struct {
	TimeField      string
	MetaField      *string
	Granularity    *string
	BucketMaxSpan  *time.Duration
	BucketRounding *time.Duration
}

func (*TimeSeriesOptions) SetTimeField(timeField string) *TimeSeriesOptions
func (*TimeSeriesOptions) SetMetaField(metaField string) *TimeSeriesOptions
func (*TimeSeriesOptions) SetGranularity(granularity string) *TimeSeriesOptions
func (*TimeSeriesOptions) SetBucketMaxSpan(dur time.Duration) *TimeSeriesOptions
func (*TimeSeriesOptions) SetBucketRounding(dur time.Duration) *TimeSeriesOptions
func Transaction() *TransactionOptions

type TransactionOptions struct {
	ReadConcern    any
	ReadPreference any
	WriteConcern   any
	MaxCommitTime  *time.Duration
}

func (*TransactionOptions) SetReadConcern(rc any) *TransactionOptions
func (*TransactionOptions) SetReadPreference(rp any) *TransactionOptions
func (*TransactionOptions) SetWriteConcern(wc any) *TransactionOptions
func (*TransactionOptions) SetMaxCommitTime(mct *time.Duration) *TransactionOptions
func Update() *UpdateOptions

const UpdateLookup FullDocument = "updateLookup"

type UpdateOptions struct {
	ArrayFilters             *ArrayFilters
	BypassDocumentValidation *bool
	Collation                *Collation
	Comment                  interface{}
	Hint                     interface{}
	Upsert                   *bool
	Let                      interface{}
	BypassEmptyTsReplacement *bool
}

func (*UpdateOptions) SetArrayFilters(af ArrayFilters) *UpdateOptions
func (*UpdateOptions) SetBypassDocumentValidation(b bool) *UpdateOptions
func (*UpdateOptions) SetCollation(c *Collation) *UpdateOptions
func (*UpdateOptions) SetComment(comment interface{}) *UpdateOptions
func (*UpdateOptions) SetHint(h interface{}) *UpdateOptions
func (*UpdateOptions) SetUpsert(b bool) *UpdateOptions
func (*UpdateOptions) SetLet(l interface{}) *UpdateOptions

type UpdateSearchIndexOptions struct {
}
type UploadOptions struct {
	ChunkSizeBytes *int32
	Metadata       interface{}
	Registry       any
}

func (*UploadOptions) SetChunkSizeBytes(i int32) *UploadOptions
func (*UploadOptions) SetMetadata(doc interface{}) *UploadOptions

const WhenAvailable FullDocument = "whenAvailable"
