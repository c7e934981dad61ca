package parse

import (
	"strings"
)

type ActionNode struct {
	NodeType
	Pos
	Line int
	Pipe *PipeNode
	_    int
}

func (*ActionNode) String() string
func (*ActionNode) Copy() Node

type BoolNode struct {
	NodeType
	Pos
	True bool
	_    int
}

func (*BoolNode) String() string
func (*BoolNode) Copy() Node

type BranchNode struct {
	NodeType
	Pos
	Line     int
	Pipe     *PipeNode
	List     *ListNode
	ElseList *ListNode
	_        int
}

func (*BranchNode) String() string
func (*BranchNode) Copy() Node

type BreakNode struct {
	NodeType
	Pos
	Line int
	_    int
}

func (*BreakNode) Copy() Node
func (*BreakNode) String() string

type ChainNode struct {
	NodeType
	Pos
	Node  Node
	Field []string
	_     int
}

func (*ChainNode) Add(field string)
func (*ChainNode) String() string
func (*ChainNode) Copy() Node

type CommandNode struct {
	NodeType
	Pos
	Args []Node
	_    int
}

func (*CommandNode) String() string
func (*CommandNode) Copy() Node

type CommentNode struct {
	NodeType
	Pos
	Text string
	_    int
}

func (*CommentNode) String() string
func (*CommentNode) Copy() Node

type ContinueNode struct {
	NodeType
	Pos
	Line int
	_    int
}

func (*ContinueNode) Copy() Node
func (*ContinueNode) String() string

type DotNode struct {
	NodeType
	Pos
	_ int
}

func (*DotNode) Type() NodeType
func (*DotNode) String() string
func (*DotNode) Copy() Node

type FieldNode struct {
	NodeType
	Pos
	Ident []string
	_     int
}

func (*FieldNode) String() string
func (*FieldNode) Copy() Node

type IdentifierNode struct {
	NodeType
	Pos
	Ident string
	_     int
}

func (*IdentifierNode) SetPos(pos Pos) *IdentifierNode
func (*IdentifierNode) SetTree(t *Tree) *IdentifierNode
func (*IdentifierNode) String() string
func (*IdentifierNode) Copy() Node

type IfNode struct {
	BranchNode
}

func (*IfNode) Copy() Node
func IsEmptyTree(n Node) bool

type ListNode struct {
	NodeType
	Pos
	Nodes []Node
	_     int
}

func (*ListNode) String() string
func (*ListNode) CopyList() *ListNode
func (*ListNode) Copy() Node

type Mode uint

func New(name string, funcs ...map[string]any) *Tree
func NewIdentifier(ident string) *IdentifierNode

type NilNode struct {
	NodeType
	Pos
	_ int
}

func (*NilNode) Type() NodeType
func (*NilNode) String() string
func (*NilNode) Copy() Node

type Node interface {
	Copy() Node
	Position() Pos
	String() string
	Type() NodeType
	tree() *Tree
	writeTo(*strings.Builder)
}

const NodeAction NodeType = 1
const NodeBool NodeType = 2
const NodeBreak NodeType = 21
const NodeChain NodeType = 3
const NodeCommand NodeType = 4
const NodeComment NodeType = 20
const NodeContinue NodeType = 22
const NodeDot NodeType = 5
const NodeField NodeType = 8
const NodeIdentifier NodeType = 9
const NodeIf NodeType = 10
const NodeList NodeType = 11
const NodeNil NodeType = 12
const NodeNumber NodeType = 13
const NodePipe NodeType = 14
const NodeRange NodeType = 15
const NodeString NodeType = 16
const NodeTemplate NodeType = 17
const NodeText NodeType = 0

type NodeType int

func (NodeType) Type() NodeType

const NodeVariable NodeType = 18
const NodeWith NodeType = 19

type NumberNode struct {
	NodeType
	Pos
	IsInt      bool
	IsUint     bool
	IsFloat    bool
	IsComplex  bool
	Int64      int64
	Uint64     uint64
	Float64    float64
	Complex128 complex128
	Text       string
	_          int
}

func (*NumberNode) String() string
func (*NumberNode) Copy() Node
func Parse(name string, text string, leftDelim string, rightDelim string, funcs ...map[string]any) (map[string]*Tree, error)

const ParseComments Mode = 1

type PipeNode struct {
	NodeType
	Pos
	Line     int
	IsAssign bool
	Decl     []*VariableNode
	Cmds     []*CommandNode
	_        int
}

func (*PipeNode) String() string
func (*PipeNode) CopyPipe() *PipeNode
func (*PipeNode) Copy() Node

type Pos int

func (Pos) Position() Pos

type RangeNode struct {
	BranchNode
}

func (*RangeNode) Copy() Node

const SkipFuncCheck Mode = 2

type StringNode struct {
	NodeType
	Pos
	Quoted string
	Text   string
	_      int
}

func (*StringNode) String() string
func (*StringNode) Copy() Node

type TemplateNode struct {
	NodeType
	Pos
	Line int
	Name string
	Pipe *PipeNode
	_    int
}

func (*TemplateNode) String() string
func (*TemplateNode) Copy() Node

type TextNode struct {
	NodeType
	Pos
	Text []byte
	_    int
}

func (*TextNode) String() string
func (*TextNode) Copy() Node

type Tree struct {
	Name      string
	ParseName string
	Root      *ListNode
	Mode      Mode
	_         int
}

func (*Tree) Copy() *Tree
func (*Tree) ErrorContext(n Node) (location string, context string)
func (*Tree) Parse(text string, leftDelim string, rightDelim string, treeSet map[string]*Tree, funcs ...map[string]any) (tree *Tree, err error)

type VariableNode struct {
	NodeType
	Pos
	Ident []string
	_     int
}

func (*VariableNode) String() string
func (*VariableNode) Copy() Node

type WithNode struct {
	BranchNode
}

func (*WithNode) Copy() Node
