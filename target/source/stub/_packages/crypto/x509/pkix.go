package pkix

import (
	"math/big"
	"time"
)

type AlgorithmIdentifier struct {
	Algorithm  any
	Parameters any
}
type AttributeTypeAndValue struct {
	Type  any
	Value any
}
type AttributeTypeAndValueSET struct {
	Type  any
	Value [][]AttributeTypeAndValue
}
type CertificateList struct {
	TBSCertList        TBSCertificateList
	SignatureAlgorithm AlgorithmIdentifier
	SignatureValue     any
}

func (*CertificateList) HasExpired(now time.Time) bool

type Extension struct {
	Id       any
	Critical bool
	Value    []byte
}
type Name struct {
	Country            []string
	Organization       []string
	OrganizationalUnit []string
	Locality           []string
	Province           []string
	StreetAddress      []string
	PostalCode         []string
	SerialNumber       string
	CommonName         string
	Names              []AttributeTypeAndValue
	ExtraNames         []AttributeTypeAndValue
}

func (*Name) FillFromRDNSequence(rdns *RDNSequence)
func (Name) ToRDNSequence() (ret RDNSequence)
func (Name) String() string

type RDNSequence []RelativeDistinguishedNameSET

func (RDNSequence) String() string

type RelativeDistinguishedNameSET []AttributeTypeAndValue
type RevokedCertificate struct {
	SerialNumber   *big.Int
	RevocationTime time.Time
	Extensions     []Extension
}
type TBSCertificateList struct {
	Raw                 any
	Version             int
	Signature           AlgorithmIdentifier
	Issuer              RDNSequence
	ThisUpdate          time.Time
	NextUpdate          time.Time
	RevokedCertificates []RevokedCertificate
	Extensions          []Extension
}
